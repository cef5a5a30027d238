"""A large round and its experts, the same every time; python -m tests.benchmarks.experts divides it in a process of its own."""

from random import Random

import django

APPLICATIONS, EXPERTS = 1000, 200


def main() -> None:
    """From nothing loaded to the proposal. Raises RuntimeError when seats are left that could be taken."""
    django.setup()
    from applications.assignment import Want, propose

    proposal = propose(*question())
    if len(proposal.pairs) != 5 * APPLICATIONS or any(each.want != Want.EMPLOYER for each in proposal.shortfalls):
        raise RuntimeError(f"{len(proposal.pairs)} pairs, {len(proposal.shortfalls)} shortfalls")


def question():
    """Applications in sixty categories, experts who know three of them, a third from industry, three conflicts in a hundred pairs."""
    from applications.assignment import Candidate, Dossier

    random = Random(20261124)
    codes = [f"{field:02d}{number:02d}" for field in range(1, 13) for number in range(51, 56)]
    people = [
        Candidate(
            key, f"单位{key % 60}", key % 60 < 20, frozenset(random.sample(codes, 3)),
            frozenset(random.sample("abcdefghijklm", 2)), limit=40,
        )
        for key in range(EXPERTS)
    ]  # fmt: skip
    work = [Dossier(key, random.choice(codes), random.choice("abcdefghijklm")) for key in range(APPLICATIONS)]
    return work, people, {(one.key, paper.key) for one in people for paper in work if random.random() < 0.03}


if __name__ == "__main__":
    main()
