#pragma once
#include "sim/formula/step_outline.hpp"

namespace octet::sim {

// Takes a lowering's commands as stages: of each loop the first tile alone, which stands for all
// elements.
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

 private:
  void add_op(const Command& command, Stage& stage) const;
  [[nodiscard]] TensorKind kind(std::int64_t tensor) const {
    return program_.tensors[static_cast<std::size_t>(tensor)].kind;
  }
  const Program& program_;
  StepOutline& outline_;
  std::vector<Unit> units_;             // by command
  std::vector<std::int32_t> stage_of_;  // by command
  std::int32_t current_ = -1;           // the stage whose loop is being made
  double scale_ = 1.0;                  // elements for each of the first tile
};

}  // namespace octet::sim
