#pragma once
#include "sim/formula/step_outline.hpp"
#include "sim/program/live_bytes.hpp"
#include "sim/program/lowering/emitter.hpp"

namespace octet::sim {

// Takes a lowering's commands as stages: of each loop the first tile alone, which stands for all
// elements. Products must be whole: on a machine whose scratchpads hold them.
class StageEmitter final : public Emitter {
 public:
  // Both must outlive this.
  StageEmitter(const Program& program, StepOutline& outline)
      : program_(program), outline_(outline) {}
  int emit(const Command& command, const std::vector<std::int32_t>& deps) override;
  [[nodiscard]] Unit unit(int id) const override { return units_[static_cast<std::size_t>(id)]; }
  void repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) override {
    if (n > 0) body(0);
  }
  void stage(const StageNote& note, const std::function<void()>& body) override;
  // After the last command.
  void finish();

 private:
  void add_transfer(const Command& command, Stage& stage);
  void add_op(const Command& command, Stage& stage) const;
  [[nodiscard]] const Tensor& tensor(std::int64_t id) const {
    return program_.tensors[static_cast<std::size_t>(id)];
  }
  const Program& program_;
  StepOutline& outline_;
  std::vector<Unit> units_;             // by command
  std::vector<std::int32_t> stage_of_;  // by command
  struct Access {
    std::int32_t stage = 0;
    std::int64_t tensor = 0;
    bool store = false;
  };
  std::vector<Access> accesses_;  // of DRAM
  std::int32_t current_ = -1;     // the stage whose loop is being made
  double scale_ = 1.0;            // elements for each of the first tile
};

// Takes only how a lowering cuts the same stages.
class PlanEmitter final : public Emitter {
 public:
  explicit PlanEmitter(StepPlan& plan) : plan_(plan) {}
  int emit(const Command& command, const std::vector<std::int32_t>& deps) override;
  [[nodiscard]] Unit unit(int id) const override { return units_[static_cast<std::size_t>(id)]; }
  void repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) override {
    if (n > 0) body(0);
  }
  void stage(const StageNote& note, const std::function<void()>& body) override;

 private:
  StepPlan& plan_;
  std::vector<Unit> units_;
  bool inside_ = false;
};

}  // namespace octet::sim
