#include "sim/program/lowering/sink.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

constexpr std::int64_t kBurstElements = 64;  // whole bursts, whatever an element's size

}  // namespace

std::int64_t bytes_per_element(const Builder& builder, const Sink& sink) {
  std::int64_t bytes = 4;
  if (sink.addend >= 0) bytes += builder.tensor(sink.addend).element_bytes;
  for (const Sink::Mask& mask : sink.masks) bytes += builder.tensor(mask.codes).element_bytes;
  // A float32 value is its own code.
  const bool copies = !builder.float32();
  if (copies && sink.codes >= 0) bytes += builder.tensor(sink.codes).element_bytes;
  if (copies && sink.codes16 >= 0) bytes += builder.tensor(sink.codes16).element_bytes;
  if (sink.sums_input >= 0) bytes += builder.tensor(sink.sums_input).element_bytes;
  for (const Sink::Joined& joined : sink.joined) {
    if (copies) bytes += builder.tensor(joined.out).element_bytes;
    if (joined.other >= 0) bytes += builder.tensor(joined.other).element_bytes;
  }
  return bytes;
}

Drain drain_of(const Builder& b, const Sink& sink) {
  Drain d;
  const auto size = [&](int tensor) { return std::int64_t{b.tensor(tensor).element_bytes}; };
  const auto move = [&](int tensor) {
    if (tensor >= 0) d.add_move(size(tensor));
  };
  const bool integer = !b.float32();
  move(sink.addend);
  for (const Sink::Mask& mask : sink.masks) move(mask.codes);
  if (sink.store_wide) move(sink.wide);
  if (sink.codes16 >= 0 && sink.store_codes16) move(sink.codes16);
  move(sink.codes);
  move(sink.sums_input);
  for (const Sink::Joined& joined : sink.joined) move(joined.other);
  // What the commands of drain() read and write, as the machine counts it.
  if (sink.addend >= 0) d.add_pass(4 + 4 + 4);
  for (const Sink::Mask& mask : sink.masks) d.add_pass(4 + size(mask.codes) + 4);
  if (integer && sink.range) d.add_pass(size(sink.wide));
  if (integer && sink.codes16 >= 0) d.add_pass(4 + size(sink.codes16));
  if (integer && sink.codes >= 0) d.add_pass(4 + size(sink.codes));
  if (sink.sums_input >= 0) {
    d.range_bn_bytes = size(sink.sums_input) + size(sink.codes >= 0 ? sink.codes : sink.wide);
    if (integer) d.range_bn_bytes += size(sink.codes16 >= 0 ? sink.codes16 : sink.codes);
  }
  if (sink.stats_layer >= 0) d.range_bn_bytes += size(sink.codes);
  for (const Sink::Joined& joined : sink.joined) {
    const std::int64_t bytes = 2 * size(joined.out) + (joined.other >= 0 ? size(joined.other) : 0);
    if (unit_of(joined.op) == Unit::kRangeBn) {
      d.range_bn_bytes += bytes;
    } else {
      d.add_pass(bytes);
    }
  }
  return d;
}

void drain(Builder& b, Sink& sink, const ElementSet& set, Half& half, const Deps& deps) {
  const int own_layer = b.layer;
  Deps ready = deps;
  const auto step = [&](const Command& command) {
    const int id = b.emit(command, ready);
    b.use(half, id);
    ready = {id};
    sink.last = id;
  };
  if (sink.addend >= 0) {
    ready.push_back(b.load(sink.addend, set, Pad::kAccumulator, half));
    Command command = command_on(Opcode::kAddWide, set, sink.wide, sink.wide);
    command.b = sink.addend;
    step(command);
  }
  for (const Sink::Mask& mask : sink.masks) {
    b.layer = mask.layer;
    ready.push_back(b.load(mask.codes, set, Pad::kAccumulator, half));
    const bool first = &mask == &sink.masks.front();
    Command command = command_on(Opcode::kMask, set,
                                 first && sink.source >= 0 ? sink.source : sink.wide, sink.wide);
    command.b = mask.codes;
    step(command);
  }
  b.layer = own_layer;
  if (sink.range && !b.float32()) {
    Command command = command_on(Opcode::kRange, set, sink.wide, sink.wide);
    command.accumulate = set.first != 0 || set.n0 != 0 ? 1 : 0;
    command.flags = sink.per_channel ? kPerChannel : 0;
    step(command);
  }
  b.set_written(sink.wide, ready.front());
  if (sink.store_wide) b.store(sink.wide, set, Pad::kAccumulator, half, ready);
  const auto quantise = [&](int codes, std::int64_t flags) {
    if (b.float32()) return;
    Command command = command_on(Opcode::kQuantise, set, sink.wide, codes);
    command.flags = flags;
    ready.push_back(sink.format);
    step(command);
  };
  if (sink.codes16 >= 0) {
    quantise(sink.codes16, sink.codes16_flags | kWideCopy);
    b.set_written(sink.codes16, ready.front());
    if (sink.store_codes16) b.store(sink.codes16, set, Pad::kAccumulator, half, ready);
  }
  if (sink.codes >= 0) {
    quantise(sink.codes, sink.codes_flags);
    int result = sink.codes;
    for (const Sink::Joined& joined : sink.joined) {
      b.layer = joined.layer;
      Command command = command_on(joined.op, set, result, joined.out);
      command.b = joined.other;
      command.flags = joined.flags;
      if (joined.other >= 0) ready.push_back(b.load(joined.other, set, Pad::kAccumulator, half));
      ready.push_back(joined.ready);
      step(command);
      result = joined.out;
    }
    b.store(result, set, Pad::kAccumulator, half, ready);
    b.layer = own_layer;
  }
  if (sink.sums_input >= 0) {
    ready.push_back(b.load(sink.sums_input, set, Pad::kAccumulator, half));
    Command command =
        command_on(Opcode::kRbnGradSums, set, sink.codes >= 0 ? sink.codes : sink.wide, -1);
    command.b = sink.codes16 >= 0 ? sink.codes16 : static_cast<int>(command.a);
    command.c = sink.sums_input;
    command.accumulate = set.first != 0 || set.n0 != 0 ? 1 : 0;
    step(command);
    b.set_written(sink.wide, ready.front());
  }
  if (sink.stats_layer >= 0) {
    b.layer = sink.stats_layer;
    Command command = command_on(Opcode::kRbnStats, set, sink.codes, -1);
    command.accumulate = set.first != 0 || set.n0 != 0 ? 1 : 0;
    step(command);
    b.set_written(sink.wide, ready.front());
    b.layer = own_layer;
  }
}

void add_drain(const Drain& drain, std::int64_t elements, TileWork& tile) {
  tile.transfers += drain.moves;
  tile.unit.commands += drain.passes;
  tile.unit.steps += drain.passes * elements;
  for (const std::int64_t bytes : drain.pass_bytes) tile.unit.ported_bytes += bytes * elements;
  if (drain.range_bn_bytes > 0) tile.range_bn = {1, elements, drain.range_bn_bytes * elements};
}

void run_pass(Builder& b, const Pass& pass,
              const std::function<void(const ElementSet&, Half&)>& body) {
  b.require(pass.pad, pass.bytes_per_element * pass.granule, pass.what);
  // Tiles of whole bursts, where there are many.
  const bool bursts = pass.granule == 1 && pass.elements >= 16 * kBurstElements &&
                      b.half_bytes(pass.pad) >= kBurstElements * pass.bytes_per_element;
  const std::int64_t granule = bursts ? kBurstElements : pass.granule;
  PassShape shape;
  shape.granules = ceil_div(pass.elements, granule);
  shape.pad_bytes = granule * pass.bytes_per_element;
  shape.granule.moved_bytes = shape.pad_bytes;
  shape.granule.transfers = pass.transfers;
  shape.granule.unit = {pass.commands, pass.commands * granule, pass.commands * shape.pad_bytes};
  if (pass.sink != nullptr) add_drain(drain_of(b, *pass.sink), granule, shape.granule);
  const std::int64_t tile = granule * pass_tile(shape, b.streamer(pass.pad), b.hardware());
  StageNote note;
  note.elements = pass.elements;
  note.tile = std::min(tile, pass.elements);
  b.stage(note, [&] {
    b.repeat(ceil_div(pass.elements, tile), [&](std::int64_t i) {
      const ElementSet set{i * tile, std::min(tile, pass.elements - i * tile), 0, 0, 0};
      body(set, b.acquire(pass.pad));
    });
  });
}

}  // namespace octet::sim
