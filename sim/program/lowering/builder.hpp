#pragma once
#include <functional>
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/mapping/pass.hpp"
#include "sim/mapping/search.hpp"
#include "sim/program/lowering/deps.hpp"
#include "sim/program/lowering/emitter.hpp"

namespace octet::sim {

[[nodiscard]] const Scratchpad& scratchpad(const Hardware& hardware, Pad pad);

// Elements of a tensor: a run, or channels of rows (Command::first, count, n0, n, pitch).
struct ElementSet {
  std::int64_t first = 0, count = 0, n0 = 0, n = 0, pitch = 0;
  [[nodiscard]] std::int64_t elements() const { return n > 0 ? count * n : count; }
};
// The set without column limits when it holds whole rows.
[[nodiscard]] ElementSet rows_of(std::int64_t first_row, std::int64_t rows, std::int64_t n0,
                                 std::int64_t n, std::int64_t pitch);

// What a half holds: a part of a tensor as it was after the command `written`.
struct Contents {
  int tensor = -1, written = -1;
  std::int64_t pixel = 0, channel = 0, slice = 0;
  bool operator==(const Contents&) const = default;
};

// One half of a scratchpad: what was done with it before it was given out, and since.
struct Half {
  Deps prior;
  std::array<int, kUnits> users{};
  Contents contents;  // for reuse
  Deps ready;         // the commands that filled it
};

// Makes commands and keeps what they must wait for. Tensors and mappings go to `program`, commands
// to `emitter`.
class Builder {
 public:
  Builder(const Hardware& hardware, MappingCache& mappings, Program& program, Emitter& emitter);

  int layer = 0;
  Phase phase = Phase::kForward;

  int add_tensor(const std::string& name, TensorKind kind, std::int64_t elements, int element_bytes,
                 int channels, bool in_dram = true);
  int emit(Command command, const Deps& deps);
  // A loop over tiles; its iterations differ at the ends and in where they begin, if at all.
  void repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) {
    n == 1 ? body(0) : emitter_.repeat(n, body);
  }
  void stage(const StageNote& note, const std::function<void()>& body) {
    emitter_.stage(note, body);
  }
  // A half of `pad` for new contents: the one given out longest ago.
  Half& acquire(Pad pad, const Contents& contents = {});
  // The half that holds this, or nullptr.
  Half* resident(Pad pad, const Contents& contents);
  // The half is busy until this command has finished.
  void use(Half& half, int command);
  // Loads elements into a half; no command for a tensor that lives on chip.
  int load(int tensor, const ElementSet& set, Pad pad, Half& half, bool refetch = false);
  int store(int tensor, const ElementSet& set, Pad pad, Half& half, const Deps& deps);
  [[nodiscard]] std::int64_t half_bytes(Pad pad) const;
  // A pad with the unit beside it.
  [[nodiscard]] Streamer streamer(Pad pad) const;
  [[nodiscard]] const Scratchpad& pad(Pad pad) const { return scratchpad(hardware_, pad); }
  // The last command that wrote a tensor (to DRAM, or on chip).
  [[nodiscard]] int written(int tensor) const { return written_[tensor]; }
  void set_written(int tensor, int command) { written_[tensor] = command; }
  [[nodiscard]] const Tensor& tensor(int id) const { return program_.tensors[id]; }
  [[nodiscard]] const Hardware& hardware() const { return hardware_; }
  [[nodiscard]] bool float32() const { return program_.float32; }
  // The mapping of a product of the present layer and phase; noted in the program. Throws where
  // not even the smallest tile fits.
  [[nodiscard]] Mapping map_product(const Product& product, const Drain& drain);
  // Throws: a half of `pad` holds less than `need` bytes, for `what` of the present layer.
  void require(Pad pad, std::int64_t need, const std::string& what) const;

 private:
  // Throws where the memory can not hold the tensor, or all parameters and velocities so far. What
  // lives at once may be more: live_bytes.hpp.
  void require_memory(const Tensor& tensor);

  const Hardware& hardware_;
  Program& program_;
  Emitter& emitter_;
  std::vector<std::int32_t> waits_;  // of the command in hand
  std::vector<int> written_;
  std::array<std::array<Half, 2>, kPads> halves_;
  std::array<int, kPads> next_{};
  std::int64_t next_address_ = 0;
  std::int64_t lasting_bytes_ = 0;
  MappingCache& mappings_;
};

[[nodiscard]] Command command_on(Opcode op, const ElementSet& set, int a, int out);

}  // namespace octet::sim
