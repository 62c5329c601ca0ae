"""The minimal sets of AND/OR graphs by clingo. One graph a line: {"given": N, "goal": FACT, "rules": [[HEAD, [FACT]]]}.
Answers each with {"cpu": SECONDS, "unread": SECONDS, "sets": [[FACT]]}: the seconds for grounding and solving alone, with each
set read into Python, and without."""

import json
import sys
import time

import clingo


def seconds(program, on_model):
    start = time.process_time()
    control = clingo.Control(["0", "--enum-mode=domRec", "--heuristic=Domain", "--dom-mod=5,16"])
    control.add("base", [], program)
    control.ground([("base", [])])
    control.solve(on_model=on_model)
    return time.process_time() - start


for line in sys.stdin:
    graph = json.loads(line)
    rules = [f"f({head}) :- {', '.join(f'f({fact})' for fact in body)}." for head, body in graph["rules"]]
    choice = f"{{ given(0..{graph['given'] - 1}) }}. f(X) :- given(X). :- not f({graph['goal']}). #show given/1."
    program = "\n".join([choice, *rules])
    sets = []
    cpu = seconds(program, lambda model: sets.append(sorted(s.arguments[0].number for s in model.symbols(shown=True))))
    unread = seconds(program, lambda model: None)
    print(json.dumps({"cpu": cpu, "unread": unread, "sets": sorted(sets)}), flush=True)
