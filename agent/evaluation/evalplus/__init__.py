"""Hidden tests in EvalPlus' format: inputs, and a reference solution that gives the values.

The format and its rules are those of github.com/evalplus/evalplus, version 0.3.1.
"""
