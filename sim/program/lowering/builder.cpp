#include "sim/program/lowering/builder.hpp"

#include <algorithm>

#include "common/error.hpp"

namespace octet::sim {

ElementSet rows_of(std::int64_t first_row, std::int64_t rows, std::int64_t n0, std::int64_t n,
                   std::int64_t pitch) {
  if (n == pitch) return {first_row * pitch, rows * pitch, 0, 0, 0};
  return {first_row, rows, n0, n, pitch};
}

Command command_on(Opcode op, const ElementSet& set, int a, int out) {
  Command command;
  command.op = op;
  command.first = set.first;
  command.count = set.count;
  command.n0 = set.n0;
  command.n = set.n;
  command.pitch = set.pitch;
  command.a = a;
  command.out = out;
  return command;
}

Builder::Builder(const Hardware& hardware, MappingCache& mappings, Program& program,
                 Emitter& emitter)
    : hardware_(hardware), program_(program), emitter_(emitter), mappings_(mappings) {
  for (auto& pad : halves_) {
    for (Half& half : pad) half.users.fill(-1);
  }
}

void Builder::require_memory(const Tensor& t) {
  const std::int64_t all = hardware_.dram.capacity_bytes();
  const bool lasts = t.kind == TensorKind::kMaster || t.kind == TensorKind::kMomentum;
  if (lasts) lasting_bytes_ += t.bytes();
  const std::int64_t need = std::max(t.bytes(), lasts ? lasting_bytes_ : 0);
  if (need > all)
    throw input_error(
        hardware_.file, "dram", std::to_string(all) + " bytes",
        "at least " + std::to_string(need) + ", " +
            (need > t.bytes() ? "parameters and their velocities" : "tensor " + t.name));
}

int Builder::add_tensor(const std::string& name, TensorKind kind, std::int64_t elements,
                        int element_bytes, int channels, bool in_dram) {
  Tensor t{name, kind, layer, elements, element_bytes, channels, -1};
  if (in_dram) {
    require_memory(t);
    t.address = next_address_;
    const std::int64_t align = hardware_.dram.line_bytes();
    next_address_ += (t.bytes() + align - 1) / align * align;
  }
  program_.tensors.push_back(t);
  written_.push_back(-1);
  return static_cast<int>(program_.tensors.size()) - 1;
}

int Builder::emit(Command command, const Deps& deps) {
  command.layer = layer;
  command.phase = phase;
  waits_.clear();
  for (const int id : deps) {
    if (id >= 0) waits_.push_back(id);
  }
  std::sort(waits_.begin(), waits_.end());
  waits_.erase(std::unique(waits_.begin(), waits_.end()), waits_.end());
  return emitter_.emit(command, waits_);
}

Half& Builder::acquire(Pad pad, const Contents& contents) {
  const auto p = static_cast<std::size_t>(pad);
  Half& half = halves_[p][next_[p]];
  next_[p] ^= 1;
  half.prior.clear();
  for (const int id : half.users) {
    if (id >= 0) half.prior.push_back(id);
  }
  half.users.fill(-1);
  half.contents = contents;
  half.ready.clear();
  return half;
}

Half* Builder::resident(Pad pad, const Contents& contents) {
  auto& halves = halves_[static_cast<std::size_t>(pad)];
  for (std::size_t i = 0; i < halves.size(); ++i) {
    if (halves[i].contents != contents) continue;
    next_[static_cast<std::size_t>(pad)] = static_cast<int>(1 - i);  // keep it a little longer
    return &halves[i];
  }
  return nullptr;
}

void Builder::use(Half& half, int command) {
  if (command < 0) return;
  int& last = half.users[static_cast<std::size_t>(emitter_.unit(command))];
  last = std::max(last, command);
}

namespace {

Command dma(Opcode op, int id, const Tensor& t, const ElementSet& set, Pad pad) {
  Command c;
  c.op = op;
  c.a = id;
  c.pad = static_cast<std::int64_t>(pad);
  if (set.n > 0) {
    c.offset = (set.first * set.pitch + set.n0) * t.element_bytes;
    c.run_bytes = set.n * t.element_bytes;
    c.runs = set.count;
    c.stride = set.pitch * t.element_bytes;
  } else {
    c.offset = set.first * t.element_bytes;
    c.run_bytes = set.count * t.element_bytes;
    c.runs = 1;
  }
  return c;
}

}  // namespace

int Builder::load(int id, const ElementSet& set, Pad pad, Half& half, bool refetch) {
  if (tensor(id).address < 0) return written_[id];
  Deps deps = half.prior;
  deps.push_back(written_[id]);
  Command load = dma(Opcode::kLoad, id, tensor(id), set, pad);
  load.flags = refetch ? kRefetch : 0;
  const int command = emit(std::move(load), deps);
  use(half, command);
  return command;
}

int Builder::store(int id, const ElementSet& set, Pad pad, Half& half, const Deps& deps) {
  const int command = emit(dma(Opcode::kStore, id, tensor(id), set, pad), deps);
  use(half, command);
  written_[id] = command;
  return command;
}

const Scratchpad& scratchpad(const Hardware& hw, Pad pad) {
  switch (pad) {
    case Pad::kActivation:
      return hw.activation;
    case Pad::kWeight:
      return hw.weight;
    case Pad::kAccumulator:
      return hw.accumulator;
  }
  return hw.activation;
}

std::int64_t Builder::half_bytes(Pad id) const { return pad(id).half_bytes(); }

Streamer Builder::streamer(Pad id) const {
  const int lanes = id == Pad::kActivation ? hardware_.range_bn.lanes
                    : id == Pad::kWeight   ? hardware_.update_lanes
                                           : hardware_.vector_lanes;
  return {lanes, pad(id)};
}

void Builder::require(Pad id, std::int64_t need, const std::string& what) const {
  const std::int64_t have = half_bytes(id);
  if (need <= have) return;
  throw input_error(hardware_.file, std::string("scratchpads.") + pad_name(id) + ".bytes",
                    std::to_string(pad(id).bytes),
                    "at least " + std::to_string(2 * need) + " (" +
                        std::to_string(2 * (need - have)) + " more): " + what + " of layer '" +
                        program_.layers[layer].name + "' takes " + std::to_string(need) +
                        " bytes of one half");
}

Mapping Builder::map_product(const Product& p, const Drain& drain) {
  const auto& found = mappings_.find(p, drain);
  if (!found) {
    const Tiling smallest = smallest_tiling();
    require(Pad::kActivation, source_tile_bytes(p, smallest), "what one result reads");
    require(Pad::kWeight, weight_tile_bytes(p, smallest), "one weight, or one gradient");
    require(Pad::kAccumulator, result_tile_bytes(p, smallest), "one result");
  }
  const auto& [mapping, cost] = found.value();
  const Tiling& t = mapping.tiling;
  program_.mappings.push_back({layer, phase, static_cast<std::int64_t>(mapping.dataflow), t.images,
                               t.rows, t.width, t.groups, t.columns, t.depth, t.sliced ? 1 : 0,
                               t.pixels_outer ? 1 : 0, cost.transfers.source_fetches,
                               cost.transfers.weight_fetches});
  return mapping;
}

}  // namespace octet::sim
