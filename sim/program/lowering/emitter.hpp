#pragma once
#include <functional>

#include "sim/mapping/cost.hpp"
#include "sim/program/program.hpp"

namespace octet::sim {

struct PoolShape;
// A tile of a window that moves over an image: its side that is made.
struct PoolSize {
  std::int64_t images = 1, rows = 1, columns = 1, channels = 1;
};

// A stage: a loop over tiles that the lowering is about to make.
struct StageNote {
  const Product* product = nullptr;  // or none
  const Drain* drain = nullptr;      // what becomes of its results
  const Mapping* mapping = nullptr;
  const PoolShape* pool = nullptr;  // of a pool, or none
  PoolSize pool_size;
  std::int64_t elements = 0, tile = 0;  // that a pass or a pool makes; those of the first tile
};

// Where the lowering's commands go, and which iterations of its loops it makes.
class Emitter {
 public:
  Emitter() = default;
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  virtual ~Emitter() = default;
  // Takes the next command and what it depends on (sorted, each once; Command::deps is empty);
  // returns its number, from 0 without gaps.
  virtual int emit(const Command& command, const std::vector<std::int32_t>& deps) = 0;
  // The unit of a command that was taken.
  [[nodiscard]] virtual Unit unit(int id) const = 0;
  // A loop over tiles: body(i) for i from 0 below n, in order. An emitter may leave out iterations
  // in the middle; the first and the last ones are always made.
  virtual void repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) = 0;
  // body() makes the commands of one stage.
  virtual void stage(const StageNote& /*note*/, const std::function<void()>& body) { body(); }
};

// What hands commands to an emitter and everything else to an empty program: lower_to(), say.
using Lower = std::function<void(Program& program, Emitter& emitter)>;

// Every command, into a program.
class ProgramEmitter final : public Emitter {
 public:
  explicit ProgramEmitter(Program& program) : program_(program) {}
  int emit(const Command& command, const std::vector<std::int32_t>& deps) override {
    Command whole = command;
    whole.deps = deps;
    program_.commands.push_back(std::move(whole));
    return static_cast<int>(program_.commands.size()) - 1;
  }
  [[nodiscard]] Unit unit(int id) const override {
    return unit_of(program_.commands.op(static_cast<std::size_t>(id)));
  }
  void repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) override {
    for (std::int64_t i = 0; i < n; ++i) body(i);
  }

 private:
  Program& program_;
};

}  // namespace octet::sim
