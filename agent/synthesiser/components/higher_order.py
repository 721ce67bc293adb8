"""Idioms that take a function: filter, map, fold, sort by key."""

from __future__ import annotations

FILTERS = (
    ("[$x for $x in {0} if {1}($x)]", "[a], a>bool -> [a]", "filter only that keep which", 2),
    ("''.join($x for $x in {0} if {1}($x))", "str, str>bool -> str", "filter only without", 3),
    ("sum({1}($x) for $x in {0})", "[a], a>bool -> int", "count number many", 3),
    ("sum({1}($x) for $x in {0})", "str, str>bool -> int", "count number many", 3),
    ("all({1}($x) for $x in {0})", "[a], a>bool -> bool", "all every each", 2),
    ("all({1}($x) for $x in {0})", "str, str>bool -> bool", "all every each", 3),
    ("any({1}($x) for $x in {0})", "[a], a>bool -> bool", "any some contain least", 2),
    ("any({1}($x) for $x in {0})", "str, str>bool -> bool", "any some contain", 3),
    ("sum($x for $x in {0} if {1}($x))", "[n], n>bool -> n", "sum add total", 3),
    ("math.prod($x for $x in {0} if {1}($x))", "[n], n>bool -> n", "product multiply", 6),
    ("max($x for $x in {0} if {1}($x))", "[k], k>bool -> k", "largest max", 5),
    ("min($x for $x in {0} if {1}($x))", "[k], k>bool -> k", "smallest min", 5),
    ("max(($x for $x in {0} if {1}($x)), default=None)", "[k], k>bool -> k", "largest none", 6),
    ("min(($x for $x in {0} if {1}($x)), default=None)", "[k], k>bool -> k", "smallest none", 6),
    ("next($x for $x in {0} if {1}($x))", "[a], a>bool -> a", "first find", 5),
    ("next(($x for $x in {0} if {1}($x)), None)", "[a], a>bool -> a", "first find none", 6),
    ("next(($x for $x in {0} if {1}($x)), '')", "str, str>bool -> str", "first find", 6),
    ("[$x for $x in {0} if not {1}($x)]", "[a], a>bool -> [a]", "remove without exclude", 4),
    ("sorted($x for $x in {0} if {1}($x))", "[k], k>bool -> [k]", "sort only", 5),
    ("[$i for $i, $x in enumerate({0}) if {1}($x)]", "[a], a>bool -> [int]", "index position", 5),
    ("[$x for $i, $x in enumerate({0}) if {1}($i)]", "[a], int>bool -> [a]", "index position", 6),
    ("sum($x for $i, $x in enumerate({0}) if {1}($i))", "[n], int>bool -> n",
     "sum index position", 6),
    ("list(itertools.takewhile(lambda $x: {1}($x), {0}))", "[a], a>bool -> [a]", "until while", 7),
    ("list(itertools.dropwhile(lambda $x: {1}($x), {0}))", "[a], a>bool -> [a]", "drop while", 8),
    ("{{$k: $v for $k, $v in {0}.items() if {1}($v)}}", "{a:b}, b>bool -> {a:b}", "value only", 5),
    ("{{$k: $v for $k, $v in {0}.items() if {1}($k)}}", "{a:b}, a>bool -> {a:b}", "key only", 6),
    ("max((len(list($g)) for $t, $g in itertools.groupby({0}, lambda $x: {1}($x)) if $t),"
     " default=0)", "[a], a>bool -> int", "longest run streak consecutive", 8),
    ("(sum(1 for $x in {0} if {1}($x)), sum(1 for $x in {0} if not {1}($x)))",
     "[a], a>bool -> (int,int)", "count tuple", 6),
)  # fmt: skip

MAPS = (
    ("[{1}($x) for $x in {0}]", "[a], a>b -> [b]", "each every map element", 2),
    ("[{1}($x) for $x in {0}]", "str, str>b -> [b]", "each character", 4),
    ("''.join({1}($x) for $x in {0})", "str, str>str -> str", "each character replace", 3),
    ("''.join({1}($x) for $x in {0})", "[str], str>str -> str", "each", 5),
    ("' '.join({1}($x) for $x in {0}.split())", "str, str>str -> str", "word each", 5),
    ("' '.join($x for $x in {0}.split() if {1}($x))", "str, str>bool -> str", "word only", 5),
    ("sum({1}($x) for $x in {0})", "[a], a>n -> n", "sum total each", 3),
    ("sum({1}($x) for $x in {0})", "str, str>int -> int", "sum total each", 4),
    ("max({1}($x) for $x in {0})", "[a], a>k -> k", "largest max", 4),
    ("min({1}($x) for $x in {0})", "[a], a>k -> k", "smallest min", 4),
    ("{{$x: {1}($x) for $x in {0}}}", "[a], a>b -> {a:b}", "map dictionary each", 5),
    ("{{$k: {1}($v) for $k, $v in {0}.items()}}", "{a:b}, b>a -> {a:a}", "value each", 6),
)

MAPS_OF_FILTERS = (
    ("[{2}($x) for $x in {0} if {1}($x)]", "[a], a>bool, a>b -> [b]", "each only", 3),
    ("sum({2}($x) for $x in {0} if {1}($x))", "[a], a>bool, a>n -> n", "sum only each", 4),
    ("[{2}($x) if {1}($x) else $x for $x in {0}]", "[a], a>bool, a>a -> [a]", "if otherwise", 4),
    (
        "''.join({2}($x) if {1}($x) else $x for $x in {0})",
        "str, str>bool, str>str -> str",
        "if otherwise",
        5,
    ),
    ("all({1}($x) and {2}($x) for $x in {0})", "[a], a>bool, a>bool -> bool", "all every both", 6),
    ("[$x for $x in {0} if {1}($x) and {2}($x)]", "[a], a>bool, a>bool -> [a]", "both only", 5),
    ("sum({1}($x) and {2}($x) for $x in {0})", "[a], a>bool, a>bool -> int", "count both", 5),
    ("sum($x for $x in {0} if {1}($x) and {2}($x))", "[n], n>bool, n>bool -> n", "sum both", 5),
    (
        "sum($x for $i, $x in enumerate({0}) if {1}($x) and {2}($i))",
        "[n], n>bool, int>bool -> n",
        "sum index position",
        6,
    ),
)

KEYS = (
    ("sorted({0}, key=lambda $x: {1}($x))", "[a], a>k -> [a]", "sort order", 3),
    ("sorted({0}, key=lambda $x: ({1}($x), $x))", "[k], k>int -> [k]", "sort tie", 5),
    ("sorted({0}, key=lambda $x: {1}($x), reverse=True)", "[a], a>k -> [a]", "sort descend", 5),
    ("max({0}, key=lambda $x: {1}($x))", "[a], a>k -> a", "most largest maximum", 4),
    ("min({0}, key=lambda $x: {1}($x))", "[a], a>k -> a", "least smallest minimum", 4),
    ("min({0}, key=lambda $x: (-{1}($x), $x))", "[k], k>int -> k", "most largest tie", 6),
)

ROWS = FILTERS + MAPS + MAPS_OF_FILTERS + KEYS
