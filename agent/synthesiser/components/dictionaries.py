"""Dictionaries and counting."""

from __future__ import annotations

ROWS = (
    ("dict(collections.Counter({0}))", "[a] -> {a:int}", "count frequency occur dictionary", 4),
    ("dict(collections.Counter({0}))", "str -> {str:int}", "count frequency letter dictionary", 5),
    ("list({0})", "{a:b} -> [a]", "key", 4),
    ("list({0}.values())", "{a:b} -> [b]", "value", 4),
    ("list({0}.items())", "{a:b} -> [(a,b)]", "item pair", 5),
    ("{0}[{1}]", "{a:b}, a -> b", "value key look", 4),
    ("len({0})", "{a:b} -> int", "size many count", 4),
    ("sorted({0})", "{k:b} -> [k]", "key sort", 6),
    ("sum({0}.values())", "{a:n} -> n", "sum total value", 5),
    ("max({0}.values())", "{a:k} -> k", "largest value", 6),
    ("max({0}, key={0}.get)", "{a:k} -> a", "key largest value most", 5),
    ("min({0}, key={0}.get)", "{a:k} -> a", "key smallest value least", 6),
    ("{{$v: $k for $k, $v in {0}.items()}}", "{a:b} -> {b:a}", "invert swap reverse", 6),
    ("{{**{0}, **{1}}}", "{a:b}, {a:b} -> {a:b}", "merge combine update", 5),
    ("dict(zip({0}, {1}))", "[a], [b] -> {a:b}", "map key value pair dictionary", 4),
    ("dict({0})", "[(a,b)] -> {a:b}", "pair dictionary", 5),
    ("sorted({0}, key={0}.get, reverse=True)", "{a:k} -> [a]", "sort value descend", 7),
    ("sorted({0}.items(), key=lambda $p: $p[1])", "{a:k} -> [(a,k)]", "sort value", 7),
    ("{{$k: $v for $k, $v in {0}.items() if $v == max({0}.values())}}", "{a:k} -> {a:k}",
     "most largest highest", 7),
    ("{{$k: $v for $k, $v in {0}.items() if $v > {1}}}", "{a:k}, k -> {a:k}", "greater value", 7),
    ("{{$v: len($v) for $v in {0}}}", "[str] -> {str:int}", "length word dictionary", 6),
    ("{{$v: $i for $i, $v in enumerate({0})}}", "[a] -> {a:int}", "index position", 8),
    ("[$k for $k in {0} if {0}[$k] == {1}]", "{a:b}, b -> [a]", "key value", 8),
    ("[$k for $k, $c in collections.Counter({0}).items() if $c == {1}]", "[a], int -> [a]",
     "occur exactly time", 8),
    ("collections.Counter({0}).most_common(1)[0][0]", "[a] -> a", "common frequent most", 6),
    ("collections.Counter({0}).most_common({1})", "[a], int -> [(a,int)]", "common top", 8),
)  # fmt: skip
