"""The second oracle: reads policies from their text, and finds their minimal takeovers by answer sets.

Owns a reading of the language of its own: TOML, the expressions, ways to sign in and what they are worth
(SP 800-63B-4), profiles, efforts and verdicts. The rules of the takeover are in takeover.lp. Shares no code with
what it judges.

One line of standard input is one policy with what the engine says about it:

    {"policy": TEXT, "profiles": {POPULATION: [[NAME]]}, "readings": [
        {"population": NAME, "holds": [NAME], "of": OF, "sets": [[CAPABILITY]], "verdict": WORD}]}

OF is "login", "any", a door as reports name it, "app-login:NAME" or "app:NAME"; a "verdict" compares with the login
before it. Prints the first
policy about which they differ and exits with 1; otherwise prints how many there were.
"""

import itertools
import json
import os
import re
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import clingo

RULES = Path(__file__).with_name("takeover.lp").read_text(encoding="utf-8")
# Policies that are solved together: fewer, and reading the rules costs most; more, and each answer costs more.
BATCH = 6

RANKS = {
    "leak": 1, "phish": 2, "sim-swap": 3, "mailbox": 3, "deceive": 3, "deepfake": 3, "unnoticed": 3, "malware": 3,
    "steal": 4, "unlock": 4, "sync-account": 4, "forge": 4, "intercept-post": 4, "unnoticed-for-days": 4,
}


# ---- The language --------------------------------------------------------------------------------------------


def parse(text):
    """An expression as nested tuples: ("and" | "or" | "any N", parts) or ("term", name, arguments)."""
    tokens = re.findall(r"[A-Za-z0-9_-]+|[(),]", text)

    def accept(token):
        if tokens and tokens[0] == token:
            return tokens.pop(0)
        return None

    def several(word, part):
        parts = [part()]
        while accept(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else (word, parts)

    def part():
        if accept("("):
            inner = expression()
            tokens.pop(0)
            return inner
        if accept("any"):
            number = tokens.pop(0)
            tokens.pop(0)  # of
            tokens.pop(0)  # (
            terms = [term()]
            while accept(","):
                terms.append(term())
            tokens.pop(0)
            return (f"any {number}", terms)
        return term()

    def term():
        name, arguments = tokens.pop(0), []
        if accept("("):
            while not accept(")"):
                arguments.append(tokens.pop(0))
                accept(",")
        return ("term", name, arguments)

    def expression():
        return several("or", lambda: several("and", part))

    return expression()


def alternatives(expression):
    """Every way to meet a login, as the set of authenticators that it shows."""
    kind, *rest = expression
    if kind == "term":
        return {frozenset([rest[0]])}
    parts = [alternatives(part) for part in rest[0]]
    if kind == "or":
        return set().union(*parts)
    if kind == "and":
        return {frozenset().union(*chosen) for chosen in itertools.product(*parts)}
    number = int(kind.removeprefix("any "))
    return {
        frozenset().union(*chosen)
        for some in itertools.combinations(parts, number)
        for chosen in itertools.product(*some)
    }


def worth(names, authenticators):
    """AAL and phishing resistance of what is shown together (63B-4 2.1.1, 2.2.1, 2.2.2, 2.3.1, 3.2.5)."""
    shown = [authenticators[name] for name in names]
    password = any(a["kind"] == "password" for a in shown)
    things = [a for a in shown if a["kind"] not in ("password", "recovery-codes")]
    cryptographic = ("passkey", "security-key", "client-certificate")

    def verifies(a):
        if a["kind"] == "security-key":
            return a.get("user_verification", "required") == "required"
        return a["kind"] in cryptographic

    def in_hardware(a):
        attested = a["kind"] == "client-certificate" or a.get("attestation", "none") == "required"
        return a["kind"] in cryptographic and a["kind"] != "passkey" and attested

    resistant = bool(things) and all(a["kind"] in cryptographic for a in things)
    if any(in_hardware(a) and (verifies(a) or password) for a in things):
        return 3, int(resistant)
    # Whatever is a second thing here resists replay.
    if any(verifies(a) for a in things) or (password and things):
        return 2, int(resistant)
    return 1, int(resistant)


def ways_in(expression, authenticators):
    """The ways to sign in, without those that ask for more than another and are worth no more."""
    ways = {way: worth(way, authenticators) for way in alternatives(expression)}

    def superfluous(way):
        return any(other < way and all(map(int.__ge__, ways[other], ways[way])) for other in ways)

    return [way for way in ways if not superfluous(way)]


class Policy:
    def __init__(self, text):
        self.text = tomllib.loads(text)
        self.authenticators = self.text.get("authenticator", {})
        self.channels = self.text.get("channel", {})
        self.roles = self.text.get("approver", {})
        self.populations = self.text["population"]
        self.attacker = self.text.get("attacker", {})
        self.logins = {
            name: ways_in(parse(p["login"]["require"]), self.authenticators) for name, p in self.populations.items()
        }
        self.codes = {name for name, a in self.authenticators.items() if a["kind"] == "recovery-codes"}

    def doors(self, population):
        chain = self.populations[population]
        found = {name: chain[name] for name in ("enrol", "bind") if name in chain}
        return found | {f"recover.{name}": door for name, door in chain.get("recover", {}).items()}

    def profiles(self, population):
        """What members may hold: one or more ways to sign in together, alone and with as much as possible of what bind and
        recover doors ask for, short of one more way to sign in; at the end, everything the chain names."""
        ways = [way - self.codes for way in self.logins[population]]
        everything = set()
        for door in [self.populations[population]["login"], *self.doors(population).values()]:
            everything |= {*re.findall(r"[A-Za-z0-9_-]+", door["require"]), *door.get("binds", [])}
        everything = (everything & set(self.authenticators)) - self.codes
        found = {
            frozenset().union(*some)
            for count in range(1, len(ways) + 1)
            for some in itertools.combinations(ways, count)
        }
        asked = set()
        for name, door in self.doors(population).items():
            if name != "enrol":
                asked |= {*re.findall(r"[A-Za-z0-9_-]+", door["require"])}
        asked = (asked & set(self.authenticators)) - self.codes
        for union in list(found):
            enabled = [way for way in ways if way <= union]
            parts = [
                union | set(some)
                for count in range(len(asked - union) + 1)
                for some in itertools.combinations(sorted(asked - union), count)
                if [way for way in ways if way <= union | set(some)] == enabled
            ]
            found |= {frozenset(part) for part in parts if not any(part < other for other in parts)}
        return sorted(sorted(holds) for holds in found - {frozenset(everything)}) + [sorted(everything)]

    def effort(self, capabilities):
        ranks = RANKS | self.attacker.get("rank", {})
        return sum(2 ** (ranks[capability.split("(")[0]] - 1) for capability in capabilities)

    def verdict(self, population, login, ways):
        """How the whole chain compares with login (section 5 of the language's design)."""
        new = [way for way in ways if not any(set(alone) <= set(way) for alone in login)]
        if not new:
            return "contained"
        if not login:
            return "weaker"
        least = min(self.effort(way) for way in login)

        def too_easy(way):
            effort = self.effort(way)
            others = {person for person in map(person_of, way) if person != "member"}
            high = self.populations[population].get("risk") == "high"
            return effort < least or (high and effort == least and len(others) < 2)

        return "weaker" if any(map(too_easy, new)) else "not-weaker"


def person_of(capability):
    return re.split(r"[(),]", capability)[1]


# ---- Facts for the rules -------------------------------------------------------------------------------------


class Facts:
    """The facts of a batch of policies."""

    def __init__(self):
        self.lines = []
        self.nodes = itertools.count()

    def add(self, name, *arguments):
        self.lines.append(f"{name}({','.join(map(str, arguments))}).")

    def policy(self, p, policy):
        add = self.add
        for name, a in policy.authenticators.items():
            add("kind", p, quoted(name), a["kind"].replace("-", "_"))
            add("on", p, quoted(name), quoted(a.get("on", name)))
            if a.get("user_verification", "required") == "required":
                add("verified", p, quoted(name))
        for name, channel in policy.channels.items():
            add("channel", p, quoted(name), channel["kind"])
            add("on", p, quoted(name), quoted(channel.get("on", name)))
            if channel["kind"] == "email":
                add("guarded", p, quoted(name), channel.get("protected", "password").replace("-", "_"))
            if "behind" in channel:
                add("behind_login", p, quoted(name))
        for name in policy.attacker.get("ignore", []):
            add("ignored", p, name.replace("-", "_"))
        if policy.attacker.get("endpoint"):
            add("endpoint", p)
        most = dict.fromkeys(policy.roles, 0)
        for population in policy.populations:
            self.chain(p, policy, population, most)
        for name, role in policy.roles.items():
            add("role", p, quoted(name), quoted(role["population"]), role.get("aal", 2))
            if most[name]:
                add("people", p, quoted(name), most[name] + 1)

    def chain(self, p, policy, population, most):
        for way in policy.logins[population]:
            login = next(self.nodes)
            aal, resistant = worth(way, policy.authenticators)
            self.add("login", p, quoted(population), login)
            self.add("worth", p, login, aal, resistant)
            for name in way:
                self.add("asks", p, login, quoted(name))
        for name, door in policy.doors(population).items():
            place = (p, quoted(population), quoted(name))
            self.add("door", *place)
            self.add("requires", *place, self.expression(p, parse(door["require"]), policy, most))
            for bound in door["binds"]:
                self.add("binds", *place, quoted(bound))
            for channel in door.get("notify", []):
                self.add("notice", *place, quoted(channel))
            if "wait" in door:
                self.add("waits", *place, hours(door["wait"]))

    def expression(self, p, expression, policy, most):
        node = next(self.nodes)
        kind, *rest = expression
        if kind == "term":
            self.add("term", p, node, evidence(*rest, policy, most))
            return node
        self.add(*{"and": ("all", p, node), "or": ("any", p, node)}.get(kind, ("count", p, node, kind.removeprefix("any "))))
        for part in rest[0]:
            self.add("part", p, node, self.expression(p, part, policy, most))
        return node

    def question(self, q, p, policy, reading):
        population, of = reading["population"], reading["of"]
        self.add("question", q, p, quoted(population))
        doors = policy.doors(population)
        kind, _, named = of.partition(":")
        if kind in ("any", "app"):
            doors = [name for name in doors if name != "enrol"]
        else:
            doors = [name for name in doors if name == of]
        for name in doors:
            self.add("open", q, quoted(name))
        # Before its owner arrives an account holds nothing.
        for name in [] if of == "enrol" else {*reading["holds"], *policy.codes}:
            self.add("held", q, quoted(name))
        app = policy.text["app"][named] if kind in ("app", "app-login") else {}
        self.add("goal", q, app.get("aal", 1), int(app.get("phishing_resistant", False)))


def evidence(name, arguments, policy, most):
    if name == "approval":
        number = int(arguments[1]) if len(arguments) > 1 else 1
        most[arguments[0]] = max(most[arguments[0]], number)
        return f"approval({quoted(arguments[0])},{number})"
    if name in ("issued", "invite"):
        return f"message({quoted(arguments[0])})"
    if name == "proofing":
        return f"proofing({quoted(arguments[0])})"
    if name == "session":
        return f"session({arguments[0].removeprefix('aal')})"
    return f"authenticator({quoted(name)})"


def quoted(name):
    return f'"{name}"'


def hours(duration):
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[duration[-1]] // 3600


# ---- Solving and comparing -----------------------------------------------------------------------------------


def solve(facts):
    """All minimal sets of deeds of every question: {question: {frozenset of (kind, person, object)}}."""
    control = clingo.Control(
        ["--models=0", "--enum-mode=domRec", "--heuristic=Domain", "--dom-mod=5,16", "--warn=none"]
    )
    control.add("base", [], RULES + "\n".join(facts.lines))
    control.ground([("base", [])])
    answers = {}

    def answer(model):
        symbols = model.symbols(shown=True)
        [question] = [s.arguments[0].number for s in symbols if s.name == "asked"]
        deeds = frozenset(deed(s) for s in symbols if s.name == "deed")
        answers.setdefault(question, set()).add(deeds)

    control.solve(on_model=answer)
    return answers


def deed(symbol):
    _, who, kind, thing = symbol.arguments
    person = (who.arguments[0].string, who.arguments[1].number) if who.arguments else None
    return (kind.name.replace("_", "-"), person, thing.string if thing.type == clingo.SymbolType.String else None)


def written(deeds):
    """As reports write it: of all numberings of the people of a role, the one that sorts first."""
    people = sorted({person for _, person, _ in deeds if person})
    roles = {role: [person for person in people if person[0] == role] for role, _ in people}
    orders = [[dict(zip(members, order)) for order in itertools.permutations(range(1, len(members) + 1))]
              for members in roles.values()]

    def capability(deed, numbers):
        kind, person, thing = deed
        who = f"{person[0]}#{numbers[person]}" if person else "member"
        return f"{kind}({who},{thing})" if thing else f"{kind}({who})"

    numberings = [{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*orders)]
    return min(sorted(capability(deed, numbers) for deed in deeds) for numbers in numberings)


def judge(lines):
    """What differs in a batch: the first difference in words, or None."""
    cases = [json.loads(line) for line in lines]
    policies = [Policy(case["policy"]) for case in cases]
    facts, questions = Facts(), []
    for p, (case, policy) in enumerate(zip(cases, policies)):
        for population, profiles in case["profiles"].items():
            if policy.profiles(population) != profiles:
                return f"profiles of {population}: {profiles}, but {policy.profiles(population)}\n{case['policy']}"
        facts.policy(p, policy)
        for reading in case["readings"]:
            facts.question(len(questions), p, policy, reading)
            questions.append((case, policy, reading))
    answers = solve(facts)
    login = []
    for q, (case, policy, reading) in enumerate(questions):
        sets = sorted({tuple(written(deeds)) for deeds in answers.get(q, ())})
        given = [tuple(one) for one in reading["sets"]]
        where = f"{reading['of']} of {reading['population']} holding {reading['holds']}"
        if sets != given:
            return f"{where}: clingo finds {sets}\nthe engine {given}\n{case['policy']}"
        if reading["of"] == "login" or reading["of"].startswith("app-login:"):
            login = sets
        if "verdict" in reading:
            verdict = policy.verdict(reading["population"], login, sets)
            if verdict != reading["verdict"]:
                return f"{where}: the verdict is {reading['verdict']}, but should be {verdict}\n{case['policy']}"
    return None


def main():
    batches = iter(lambda: list(itertools.islice(sys.stdin, BATCH)), [])
    policies = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        waiting = []

        def settle(most):
            while len(waiting) > most:
                difference = waiting.pop(0).result()
                if difference:
                    pool.shutdown(wait=False, cancel_futures=True)
                    print(difference)
                    sys.exit(1)

        for lines in batches:
            policies += len(lines)
            waiting.append(pool.submit(judge, lines))
            settle(4 * (os.cpu_count() or 1))
        settle(0)
    print(f"{policies} policies agree")


if __name__ == "__main__":
    main()
