#include "sim/program/lowering/sink.hpp"

#include <algorithm>

namespace octet::sim {

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
  const auto move = [&](int tensor) {
    if (tensor < 0 || d.moves == static_cast<int>(d.moved_bytes.size())) return;
    d.moved_bytes[static_cast<std::size_t>(d.moves++)] = b.tensor(tensor).element_bytes;
  };
  const bool integer = !b.float32();
  move(sink.addend);
  for (const Sink::Mask& mask : sink.masks) move(mask.codes);
  if (sink.store_wide) move(sink.wide);
  if (sink.codes16 >= 0 && sink.store_codes16) move(sink.codes16);
  move(sink.codes);
  move(sink.sums_input);
  for (const Sink::Joined& joined : sink.joined) move(joined.other);
  d.passes = (sink.addend >= 0 ? 1 : 0) + static_cast<std::int64_t>(sink.masks.size()) +
             (integer && sink.range ? 1 : 0) + (integer && sink.codes >= 0 ? 1 : 0) +
             (integer && sink.codes16 >= 0 ? 1 : 0) + static_cast<std::int64_t>(sink.joined.size());
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

void run_pass(Builder& b, const Pass& pass,
              const std::function<void(const ElementSet&, Half&)>& body) {
  b.require(pass.pad, pass.bytes_per_element * pass.granule, pass.what);
  std::int64_t tile = b.stream_bytes(pass.pad, pass.elements * pass.bytes_per_element) /
                      pass.bytes_per_element / pass.granule;
  tile = std::max<std::int64_t>(tile, 1);
  // Whole bursts, where a tile has many.
  if (pass.granule == 1 && tile >= 1024) tile = tile / 64 * 64;
  tile *= pass.granule;
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
