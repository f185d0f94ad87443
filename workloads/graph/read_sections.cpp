#include <algorithm>

#include "workloads/graph/limits.hpp"
#include "workloads/graph/read_parts.hpp"

namespace octet::workloads {

namespace {

// Rising epochs at which something is still left to train.
std::vector<int> read_milestones(YamlMap& map, int epochs) {
  std::vector<int> milestones;
  for (const long value : map.integers("milestones", 1, kMaxSize)) {
    const int epoch = static_cast<int>(value);
    if (!milestones.empty() && epoch <= milestones.back()) {
      throw map.error("milestones",
                      std::to_string(epoch) + " after " + std::to_string(milestones.back()),
                      "rising epochs");
    }
    if (epoch >= epochs) {
      throw map.error("milestones", std::to_string(epoch),
                      "epochs below training.epochs (" + std::to_string(epochs) + ")");
    }
    milestones.push_back(epoch);
  }
  if (milestones.empty()) throw map.error("milestones", "an empty list", "at least one epoch");
  return milestones;
}

}  // namespace

DatasetSpec read_dataset_spec(YamlMap& map) {
  DatasetSpec spec;
  spec.kind = map.choice("kind", {"idx", "cifar10", "image_folder"});
  spec.path = map.text("path");
  spec.hint = map.text("hint", "");
  // The mean becomes a byte's zero point and the deviation a scale: bytes cannot hold others.
  spec.mean = static_cast<float>(map.number("mean", 0.0, 1.0));
  spec.deviation = static_cast<float>(map.number("deviation", 1e-6, 1e6));
  const std::string augment = map.choice("augment", {"none", "crop_flip", "resized_crop"}, "none");
  if (augment == "resized_crop") spec.augment = Augment::kResizedCrop;
  if (augment == "crop_flip") {
    spec.augment = Augment::kCropFlip;
    spec.pad = static_cast<int>(map.integer("pad", 0, kMaxPad, 4));
  }
  map.finish();
  return spec;
}

Shape read_input_shape(YamlMap& map) {
  Shape shape;
  shape.height = static_cast<int>(map.integer("height", 1, kMaxSize));
  shape.width = static_cast<int>(map.integer("width", 1, kMaxSize));
  shape.channels = static_cast<int>(map.integer("channels", 1, kMaxSize));
  map.finish();
  if (shape.elements() > kMaxElements) {
    throw map.error("", std::to_string(shape.elements()) + " elements",
                    "at most " + std::to_string(kMaxElements));
  }
  return shape;
}

Schedule read_schedule(YamlMap& map) {
  const Schedule usual;
  Schedule schedule;
  schedule.kind = map.choice("schedule", {"one-cycle", "cosine", "step", "constant"}, usual.kind);
  schedule.peak_rate = static_cast<float>(map.number("peak_rate", 1e-9, 1e3, usual.peak_rate));
  schedule.momentum = static_cast<float>(map.number("momentum", 0.0, 0.9999, usual.momentum));
  schedule.nesterov = map.boolean("nesterov", usual.nesterov);
  schedule.weight_decay = static_cast<float>(map.number("weight_decay", 0, 1, usual.weight_decay));
  schedule.epochs = static_cast<int>(map.integer("epochs", 1, kMaxSize, usual.epochs));
  schedule.batch = static_cast<int>(map.integer("batch", 1, kMaxSize, usual.batch));
  const bool one_cycle = schedule.kind == "one-cycle";
  schedule.warmup = static_cast<float>(map.number("warmup", 0, 1, one_cycle ? usual.warmup : 0.0F));
  // A key that the schedule does not use stays unread, so that it is refused and not ignored.
  if (schedule.kind == "step") schedule.milestones = read_milestones(map, schedule.epochs);
  map.finish();
  return schedule;
}

}  // namespace octet::workloads
