from reports.words.configurations import network, training


def test_networks_are_described_in_words():
    assert network({"widths": []}) == "a linear model"
    assert network({"widths": [64, 64], "activation": "relu"}) == "2 hidden layers of 64 (relu)"
    assert network({"widths": [128, 64], "activation": "tanh"}) == (
        "hidden layers of 128 and 64 (tanh)"
    )


def test_training_names_what_is_set():
    config = {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.9, "dropout": 0.0}
    assert training(config) == "sgd, learning rate 0.01, momentum 0.9"
    assert training({"optimizer": "adam", "learning_rate": 1e-4, "weight_decay": 1e-5}) == (
        "adam, learning rate 0.0001, weight decay 1e\N{MINUS SIGN}05"
    )
