#pragma once
#include <array>

#include "tests/common/temp_dir.hpp"
#include "tests/sim/random_machine.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

// Machines and networks without end, all from one seed.
class RandomPairs {
 public:
  explicit RandomPairs(unsigned seed) : random_(seed) {}

  long pick(std::initializer_list<long> values) {
    return *(values.begin() + random_() % values.size());
  }

  Hardware machine() {
    HardwareText text = random_machine(random_);
    text.kind = std::array{"DDR4-2400", "DDR4-3200", "LPDDR4", "HBM2", "GDDR6"}[random_() % 5];
    text.channels = static_cast<int>(pick({1, 2, 3, 4}));
    Hardware hw = text.read();
    hw.clock_hz = pick({200, 500, 1000}) * 1000000;
    hw.vector_lanes = static_cast<int>(pick({4, 8, 32}));
    if (random_() % 8 == 0) hw.dram.page = DramPage::kClosed;
    if (random_() % 16 == 0) hw.dram.scheduler = DramScheduler::kFrFcfs;
    return hw;
  }

  // Convolutions of any sort, norms, ReLUs, pools and additions, then one product to the classes.
  workloads::Network network() {
    std::string text =
        "name: random\ndescription: made for a test\ndataset: {kind: idx, path: none, hint: none, "
        "mean: 0.3, deviation: 0.3}\nclasses: 10\ntraining: {schedule: one-cycle, peak_rate: 0.05, "
        "warmup: 0.2, momentum: 0.9, nesterov: true, weight_decay: 1e-4, epochs: 1, batch: "
        "32}\n";
    long size = pick({8, 14, 16, 28, 32});
    long channels = pick({1, 3});
    text += "input: {height: " + std::to_string(size) + ", width: " + std::to_string(size) +
            ", channels: " + std::to_string(channels) + "}\nlayers:\n";
    std::string before;
    const long blocks = pick({1, 2, 3, 5});
    for (long b = 0; b < blocks; ++b) {
      const std::string n = std::to_string(b);
      const bool same = b > 0 && random_() % 3 == 0;  // shape, so that it can be added
      const long out = same ? channels : pick({4, 8, 16, 24, 48});
      const long stride = !same && size >= 8 && random_() % 3 == 0 ? 2 : 1;
      const long kernel = pick({1, 3, 3, 5});
      const long groups = channels % 4 == 0 && out % 4 == 0 && random_() % 4 == 0 ? 4 : 1;
      text += "  - {name: conv" + n + ", op: conv, out: " + std::to_string(out) +
              ", kernel: " + std::to_string(kernel) + ", stride: " + std::to_string(stride) +
              ", pad: " + std::to_string(kernel / 2) + ", groups: " + std::to_string(groups) +
              "}\n";
      channels = out;
      size = (size + stride - 1) / stride;
      const bool norm = same || random_() % 4 != 0;
      if (norm) text += "  - {name: norm" + n + ", op: norm}\n";
      if (same) {
        text += "  - {name: add" + n;
        text += ", op: add, from: [norm" + n;
        text += ", " + before;
        text += "]}\n";
      }
      text += "  - {name: relu" + n + ", op: relu}\n";
      before = "relu" + n;
      if (size >= 8 && random_() % 3 == 0) {
        text += "  - {name: pool" + n + ", op: max_pool, kernel: 2}\n";
        before = "pool" + n;
        size /= 2;
      }
    }
    if (random_() % 2 == 0) text += "  - {name: mean, op: avg_pool}\n";
    text += "  - {name: fc, op: fc, out: 10}\n";
    const std::string path = octet::testing::scratch_file("random_network.yaml");
    std::ofstream(path) << text;
    return workloads::read_network(path);
  }

  int batch() { return static_cast<int>(pick({1, 2, 5, 8, 16, 32})); }
  model::Recipe recipe() {
    return model::find_recipe(std::array{"int8", "int8-delayed", "float32"}[random_() % 3]);
  }

 private:
  std::mt19937 random_;
};

}  // namespace octet::sim
