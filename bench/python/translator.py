"""The translator by hand, as PyTorch's users write it: torch.nn's GRU reads, a loop over GRUCell and additive attention writes."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PADDING, START, END, UNKNOWN = range(4)
IGNORED = -1
DROPOUT = 0.3
SMOOTHING = 0.1
LEARNING_RATE = 0.001
BEAM = 5
COMPARED_UPDATES = 4


class Translator(nn.Module):
    def __init__(self, source_tokens, target_tokens, embedding, hidden):
        super().__init__()
        self.source = nn.Embedding(source_tokens, embedding)
        self.encoder = nn.GRU(embedding, hidden, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden, hidden)
        self.target = nn.Embedding(target_tokens, embedding)
        self.cell = nn.GRUCell(embedding + 2 * hidden, hidden)
        self.W = nn.Linear(hidden, hidden, bias=False)
        self.U = nn.Linear(2 * hidden, hidden, bias=False)
        self.v = nn.Parameter(torch.empty(hidden))
        self.readout = nn.Linear(3 * hidden + embedding, embedding)
        self.head = nn.Linear(embedding, target_tokens)
        self.dropout = nn.Dropout(DROPOUT)

    @staticmethod
    def read(arrays):
        """The model with the weights of the file."""
        weights = {
            "source.weight": arrays["source.weight"],
            "target.weight": arrays["decoder.embedding.weight"],
            "bridge.weight": arrays["bridge.h.weight"],
            "bridge.bias": arrays["bridge.h.bias"],
            "W.weight": arrays["decoder.rnn.attention_W_l0"],
            "U.weight": arrays["decoder.rnn.attention_U_l0"],
            "v": arrays["decoder.rnn.attention_v_l0"],
        }
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            weights["cell." + name] = arrays["decoder.rnn." + name + "_l0"]
        for name, array in arrays.items():
            if name.startswith("encoder."):
                weights[name] = array
            elif name.startswith(("decoder.readout.", "decoder.head.")):
                weights[name[len("decoder.") :]] = array
        source_tokens, embedding = weights["source.weight"].shape
        hidden = len(weights["v"])
        model = Translator(source_tokens, len(weights["target.weight"]), embedding, hidden)
        model.load_state_dict(weights)
        return model

    def encode(self, source, lengths):
        """The memory (B, S, 2H), its keys (B, S, H), what is padding (B, S), and the decoder's first state (B, H)."""
        x = self.dropout(self.source(source))
        packed, last = self.encoder(pack_padded_sequence(x, lengths, enforce_sorted=False))
        memory = self.dropout(pad_packed_sequence(packed)[0].transpose(0, 1).contiguous())
        beyond = torch.arange(memory.shape[1]) >= lengths[:, None]
        return memory, self.U(memory), beyond, torch.tanh(self.bridge(torch.cat([last[0], last[1]], 1)))

    def step(self, y, h, memory, keys, beyond):
        """One step from vectors y (B, E): the next state and what was read."""
        scores = torch.tanh(keys + self.W(h)[:, None]) @ self.v
        weights = torch.softmax(scores.masked_fill(beyond, -torch.inf), 1)
        context = torch.bmm(weights[:, None], memory)[:, 0]
        return self.cell(torch.cat([y, context], 1), h), context

    def score(self, h, context, y):
        return self.head(self.dropout(torch.tanh(self.readout(torch.cat([h, context, y], -1)))))

    def forward(self, source, lengths, inputs):
        """Scores (T, B, V) of the token after each of the inputs (T, B)."""
        memory, keys, beyond, h = self.encode(source, lengths)
        y = self.dropout(self.target(inputs))
        states, contexts = [], []
        for now in y.unbind(0):
            h, context = self.step(now, h, memory, keys, beyond)
            states.append(h)
            contexts.append(context)
        return self.score(torch.stack(states), torch.stack(contexts), y)

    def search(self, source, lengths, limit):
        """The best hypothesis of each row, (limit, B), and its logarithm of probability; none may end before the limit."""
        batch = source.shape[1]
        memory, keys, beyond, h = (part.repeat_interleave(BEAM, 0) for part in self.encode(source, lengths))
        tokens = torch.full((batch * BEAM,), START)
        sums = torch.full((batch, BEAM), -torch.inf)
        sums[:, 0] = 0
        first = BEAM * torch.arange(batch)[:, None]
        history = torch.empty(0, batch * BEAM, dtype=torch.long)
        for _ in range(limit):
            y = self.target(tokens)
            h, context = self.step(y, h, memory, keys, beyond)
            found = F.log_softmax(self.score(h, context, y), 1)
            found[:, [PADDING, START, UNKNOWN]] = -torch.inf
            vocabulary = found.shape[1]
            sums, at = (sums.reshape(-1, 1) + found).reshape(batch, -1).topk(BEAM)
            order = (first + torch.div(at, vocabulary, rounding_mode="floor")).reshape(-1)
            tokens = (at % vocabulary).reshape(-1)
            if bool((tokens == END).any()):
                raise ValueError("a text ended before its limit")
            h = h.index_select(0, order)
            history = torch.cat([history.index_select(1, order), tokens[None]])
        return history[:, first[:, 0]], sums[:, 0]


def _tokens(arrays):
    """Inputs of the model by name, and the weights' arrays."""
    given = {name: arrays.pop(name).long() for name in ("source", "target", "lengths")}
    return given, arrays


class Update:
    """Forward, backward, clipping and Adam on one batch, with dropout; compared are the losses of some updates without it."""

    def __init__(self, task, arrays):
        given, self.weights = _tokens(arrays)
        self.source, self.lengths = given["source"], given["lengths"]
        row = torch.ones(1, task["size"]["B"], dtype=torch.long)
        self.inputs = torch.cat([START * row, given["target"]])
        self.targets = torch.cat([given["target"], END * row])
        self.begin()

    def begin(self):
        self.model = Translator.read(self.weights)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.model(self.source, self.lengths, self.inputs)
        loss = F.cross_entropy(
            logits.flatten(0, 1), self.targets.flatten(), ignore_index=IGNORED, label_smoothing=SMOOTHING
        )
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.detach()

    def results(self):
        self.begin()
        self.model.eval()
        losses = torch.stack([self.run() for _ in range(COMPARED_UPDATES)])
        self.begin()
        return {"losses": losses}


class Decoding:
    """Beam search for a batch of texts."""

    def __init__(self, task, arrays):
        given, weights = _tokens(arrays)
        self.source, self.lengths = given["source"], given["lengths"]
        self.limit = task["size"]["T"]
        self.model = Translator.read(weights).eval()

    def run(self):
        with torch.inference_mode():
            return self.model.search(self.source, self.lengths, self.limit)

    def results(self):
        return {"logProbabilities": self.run()[1]}
