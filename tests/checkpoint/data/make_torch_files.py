# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Made protocol2.bin (the protocol of torch.save) and protocol4.bin beside this file: Python's own
# pickler and zipfile write what torch.save would, over stand-ins for PyTorch's classes that have
# nothing but their names. Usage: python3 make_torch_files.py FOLDER
import collections
import io
import pathlib
import pickle
import struct
import sys
import types
import zipfile

KINDS = {"Double": "d", "Float": "f", "Half": "e", "BFloat16": None, "Long": "q", "Int": "i",
         "Short": "h", "Char": "b", "Byte": "B", "Bool": "?"}
torch = sys.modules["torch"] = types.ModuleType("torch")
torch._utils = sys.modules["torch._utils"] = types.ModuleType("torch._utils")


def stand_in(module, name):
    def called(*_):
        raise RuntimeError("pickling calls nothing")
    called.__module__, called.__name__, called.__qualname__ = module.__name__, name, name
    setattr(module, name, called)
    return called


rebuild_tensor = stand_in(torch._utils, "_rebuild_tensor_v2")
rebuild_parameter = stand_in(torch._utils, "_rebuild_parameter")
storage_types = {kind: stand_in(torch, kind + "Storage") for kind in KINDS}


class Storage:
    def __init__(self, kind, values):
        self.kind, self.size = kind, len(values)
        code = KINDS[kind]
        self.data = (b"".join(struct.pack("<f", value)[2:] for value in values) if code is None
                     else struct.pack(f"<{len(values)}{code}", *values))


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def __reduce_ex__(self, protocol):
        # Lists make new tuples, as PyTorch does: none comes from the memo.
        return rebuild_tensor, (self.storage, self.offset, tuple(self.shape), tuple(self.strides),
                                False, collections.OrderedDict())


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, protocol):
        return rebuild_parameter, (self.tensor, True, collections.OrderedDict())


def save(value, path, protocol):
    keys, storages, out = {}, {}, io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, one):
            if not isinstance(one, Storage):
                return None
            key = keys.setdefault(id(one), str(len(keys)))
            storages[key] = one
            return "storage", storage_types[one.kind], key, "cpu", one.size

    Pickler(out, protocol=protocol).dump(value)
    members = {"data.pkl": out.getvalue(), "byteorder": b"little"}
    members.update({"data/" + key: storage.data for key, storage in storages.items()})
    members["version"] = b"3\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo("pytorch_model/" + name), content)


def state_dict():
    weight = Storage("Float", [0.5 * i for i in range(6)])
    out = collections.OrderedDict()
    out["embed.weight"] = Tensor(weight, 0, [2, 3], [3, 1])
    out["head.weight"] = Tensor(weight, 0, [2, 3], [3, 1])
    out["transposed"] = Tensor(weight, 0, [3, 2], [1, 3])
    out["row"] = Tensor(weight, 3, [3], [1])
    out["scalar"] = Tensor(Storage("Long", [-7]), 0, [], [])
    out["empty"] = Tensor(Storage("Float", []), 0, [0, 4], [4, 1])
    out["expanded"] = Tensor(Storage("Int", [3]), 0, [1, 2], [0, 0])
    for kind in ("Double", "Half", "BFloat16", "Short", "Char", "Byte", "Bool"):
        out["kind." + kind] = Tensor(Storage(kind, [1, 0]), 0, [2], [1])
    out["parameter"] = Parameter(Tensor(Storage("Float", [8.0]), 0, [1], [1]))
    out._metadata = collections.OrderedDict([("", {"version": 1}), ("embed", {"version": 1})])
    return out


for number in (2, 4):
    save(state_dict(), pathlib.Path(sys.argv[1]) / f"protocol{number}.bin", number)
