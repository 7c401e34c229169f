"""The cells that PyTorch does not have, written by hand as its users write them: one step each, looped over time in Python.

w holds the weights by name; x is (B, I), states are (B, H). Each returns the next state, what is shown first.
"""

import torch
import torch.nn.functional as F


def _advance(i, f, g, o, c):
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def lstm_packed(w, x, h, c):
    i, f, g, o = torch.addmm(w["b"], torch.cat([h, x], 1), w["W"]).chunk(4, 1)
    return _advance(i, f, g, o, c)


def lstm_four(w, x, h, c):
    both = torch.cat([h, x], 1)
    i, f, g, o = (torch.addmm(w["b_" + gate], both, w["W_" + gate]) for gate in "ifgo")
    return _advance(i, f, g, o, c)


def lstm_pairs(w, x, h, c):
    i, f, g, o = (x @ w["W_" + gate] + h @ w["U_" + gate] + w["b_" + gate] for gate in "ifgo")
    return _advance(i, f, g, o, c)


def textbook_gru(w, x, h):
    both = torch.cat([h, x], 1)
    z = torch.sigmoid(F.linear(both, w["W_z"], w["b_z"]))
    r = torch.sigmoid(F.linear(both, w["W_r"], w["b_r"]))
    n = torch.tanh(F.linear(torch.cat([r * h, x], 1), w["W_n"], w["b_n"]))
    return (torch.lerp(h, n, z),)


def peephole_lstm(w, x, h, c):
    i, f, g, o = torch.addmm(w["b"], torch.cat([h, x], 1), w["W"]).chunk(4, 1)
    following = torch.sigmoid(f + w["p_f"] * c) * c + torch.sigmoid(i + w["p_i"] * c) * torch.tanh(g)
    return torch.sigmoid(o + w["p_o"] * following) * torch.tanh(following), following


def layer_norm_lstm(w, x, h, c):
    size = w["b"].shape
    products = F.layer_norm(x @ w["W"], size, w["gain_x"]) + F.layer_norm(h @ w["U"], size, w["gain_h"], w["b"])
    i, f, g, o = products.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(F.layer_norm(c, c.shape[1:], w["gain_c"], w["shift_c"])), c


def tide(w, x, fast, slow):
    moon = torch.sigmoid(torch.addmm(w["b_m"], torch.cat([fast, x], 1), w["W_m"]))
    distance = torch.exp(-w["k"] * (fast - slow).square())
    wave = torch.tanh(torch.addmm(w["b_u"], torch.cat([moon * slow, x], 1), w["W_u"]))
    shore = torch.lerp(slow, wave, moon * distance)
    return torch.tanh(torch.addmm(wave, shore, w["V"])), shore


# The step and the number of states.
CELLS = {
    "lstm-packed": (lstm_packed, 2),
    "lstm-four": (lstm_four, 2),
    "lstm-pairs": (lstm_pairs, 2),
    "textbook-gru": (textbook_gru, 1),
    "peephole-lstm": (peephole_lstm, 2),
    "layer-norm-lstm": (layer_norm_lstm, 2),
    "tide": (tide, 2),
}


def loop(step, states, w, x, hidden):
    """The outputs (T, B, H) of a cell over x (T, B, I), from a state of zeros."""
    state = tuple(torch.zeros(x.shape[1], hidden) for _ in range(states))
    shown = []
    for now in x.unbind(0):
        state = step(w, now, *state)
        shown.append(state[0])
    return torch.stack(shown)
