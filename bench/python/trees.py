"""The binary Tree-LSTM of ../trees.mjs in PyTorch on one thread, batched by level and tree by tree: python trees.py [hidden] [batch] [words]."""

import random
import sys
import time

import torch

hidden, batch, mean = (int(given) for given in (sys.argv[1:] + ["150", "25", "19"][len(sys.argv) - 1 :]))
vocabulary = 16000
torch.set_num_threads(1)
random.seed(1)
torch.manual_seed(1)


def random_tree(words):
    """Nodes as (level, left, right), children first; -1 for none."""
    nodes = [(0, -1, -1)] * words
    open_nodes = list(range(words))
    while len(open_nodes) > 1:
        at = random.randrange(len(open_nodes) - 1)
        left, right = open_nodes[at], open_nodes[at + 1]
        nodes.append((1 + max(nodes[left][0], nodes[right][0]), left, right))
        open_nodes[at : at + 2] = [len(nodes) - 1]
    return nodes


def levels_of(trees):
    """All trees as one forest: the leaves' numbers, then for each level its nodes and their children."""
    levels, start = {}, 0
    for nodes in trees:
        for at, (level, left, right) in enumerate(nodes):
            levels.setdefault(level, []).append((start + at, start + left, start + right))
        start += len(nodes)
    return [torch.tensor(levels[level]).T for level in sorted(levels)], start


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(vocabulary, hidden)
        self.leaf = torch.nn.Linear(hidden, 3 * hidden)
        self.node = torch.nn.Linear(2 * hidden, 5 * hidden)
        self.head = torch.nn.Linear(hidden, 5)
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, trees, tokens):
        levels, size = levels_of(trees)
        i, o, u = self.leaf(self.drop(self.embed(tokens))).chunk(3, 1)
        c = torch.sigmoid(i) * torch.tanh(u)
        h = torch.sigmoid(o) * torch.tanh(c)
        place = torch.empty(size, dtype=torch.long)
        place[levels[0][0]] = torch.arange(len(h))
        count = len(h)
        all_h, all_c = h, c
        for node, left, right in levels[1:]:
            left, right = place[left], place[right]
            gates = self.node(torch.cat([all_h[left], all_h[right]], 1))
            i, o, u, fl, fr = gates.chunk(5, 1)
            c = torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(fl) * all_c[left] + torch.sigmoid(fr) * all_c[right]
            h = torch.sigmoid(o) * torch.tanh(c)
            place[node] = torch.arange(count, count + len(h))
            count += len(h)
            all_h, all_c = torch.cat([all_h, h]), torch.cat([all_c, c])
        return self.head(self.drop(all_h))


def measure(by_tree):
    model = Model()
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
    trees = [random_tree(random.randrange(2, 2 * mean - 1)) for _ in range((4 if by_tree else 40) * batch)]
    batches = [trees[at : at + batch] for at in range(0, len(trees), batch)]
    best = float("inf")
    for round_ in range(3 if by_tree else 6):
        start = time.perf_counter()
        for group in batches:
            optimizer.zero_grad()
            for part in [[tree] for tree in group] if by_tree else [group]:
                leaves = sum(level == 0 for nodes in part for level, _, _ in nodes)
                size = sum(len(nodes) for nodes in part)
                logits = model(part, torch.randint(vocabulary, (leaves,)))
                torch.nn.functional.cross_entropy(logits, torch.randint(5, (size,))).backward()
            optimizer.step()
        if round_ > 0:
            best = min(best, time.perf_counter() - start)
    return len(trees) / best


print(f"PyTorch by level: {measure(False):.0f} sentences a second")
print(f"PyTorch tree by tree: {measure(True):.0f} sentences a second")
