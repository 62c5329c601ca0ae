"""The minimal sets of AND/OR graphs by clingo. One graph a line: {"given": N, "goal": FACT, "rules": [[HEAD, [FACT]]]}.
Answers each with {"cpu": SECONDS, "sets": [[FACT]]}, the seconds for grounding and solving alone."""

import json
import sys
import time

import clingo

for line in sys.stdin:
    graph = json.loads(line)
    rules = [f"f({head}) :- {', '.join(f'f({fact})' for fact in body)}." for head, body in graph["rules"]]
    choice = f"{{ given(0..{graph['given'] - 1}) }}. f(X) :- given(X). :- not f({graph['goal']}). #show given/1."
    start = time.process_time()
    control = clingo.Control(["0", "--enum-mode=domRec", "--heuristic=Domain", "--dom-mod=5,16"])
    control.add("base", [], "\n".join([choice, *rules]))
    control.ground([("base", [])])
    sets = []
    control.solve(on_model=lambda model: sets.append(sorted(s.arguments[0].number for s in model.symbols(shown=True))))
    cpu = time.process_time() - start
    print(json.dumps({"cpu": cpu, "sets": sorted(sets)}), flush=True)
