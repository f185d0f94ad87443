// What lives in the DRAM at once: by hand, by looking at every command, and alike in all methods.
#include "sim/program/live_bytes.hpp"

#include "sim/closed_form/closed_form.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "tests/sim/closed_form/random_pairs.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

// The definition, command by command and tensor by tensor.
std::int64_t by_every_command(const Program& program) {
  const auto commands = static_cast<std::int64_t>(program.commands.size());
  std::vector<std::int64_t> change(static_cast<std::size_t>(commands) + 1, 0);
  for (std::size_t t = 0; t < program.tensors.size(); ++t) {
    std::int64_t begin = -1, end = -1;
    bool stored_last = false;
    for (std::int64_t i = 0; i < commands; ++i) {
      const Command c = program.commands[static_cast<std::size_t>(i)];
      if (!c.transfers() || c.a != static_cast<std::int64_t>(t)) continue;
      if (begin < 0) begin = c.op == Opcode::kLoad ? 0 : i;
      end = i;
      stored_last = c.op == Opcode::kStore;
    }
    if (begin < 0) continue;
    change[static_cast<std::size_t>(begin)] += program.tensors[t].bytes();
    if (!stored_last) change[static_cast<std::size_t>(end) + 1] -= program.tensors[t].bytes();
  }
  std::int64_t live = 0, most = 0;
  for (const std::int64_t bytes : change) most = std::max(most, live += bytes);
  return most;
}

// Two layers: x is given and read until the end, w1 and w2 are given and updated, a and b live from
// their stores to their last loads; what stays on chip does not count.
TEST(LiveBytes, ByHand) {
  const Program program = parse_program(
      "program hand test 100 integer\nlayer fc fc\n"
      "tensor x image 0 1000 1 10 0\n"
      "tensor w1 master 0 50 4 10 1024\n"
      "tensor a activation 0 500 1 5 1280\n"
      "tensor w2 master 0 15 4 5 1792\n"
      "tensor b wide_activation 0 300 4 3 1856\n"
      "tensor da gradient8 0 500 1 5 3072\n"
      "tensor chip gradient8 0 5000 1 5 -1\n"
      "do load 0 forward a=0 run_bytes=1000 runs=1\n"         // x, w1, w2: 1000 + 200 + 60
      "do load 0 forward a=1 run_bytes=200 runs=1\n"          //
      "do store 0 forward a=2 run_bytes=500 runs=1\n"         // and a: 1760
      "do load 0 forward a=3 run_bytes=60 runs=1\n"           //
      "do store 0 forward a=4 run_bytes=1200 runs=1\n"        // and b: 2960
      "do load 0 data_gradient a=4 run_bytes=1200 runs=1\n"   // its last use
      "do load 0 weight_gradient a=2 run_bytes=500 runs=1\n"  // a's last use
      "do store 0 update a=3 run_bytes=60 runs=1\n"           //
      "do store 0 data_gradient a=5 run_bytes=500 runs=1\n"   // without a and b: 1760
      "do load 0 weight_gradient a=0 run_bytes=1000 runs=1\n"
      "do load 0 weight_gradient a=5 run_bytes=500 runs=1\n"
      "do store 0 update a=1 run_bytes=200 runs=1\n");
  EXPECT_EQ(live_bytes(program), 1000 + 200 + 60 + 500 + 1200);
  EXPECT_EQ(by_every_command(program), 2960);
}

// A step by hand, in float32: one image of 64 values, fc to 32 values, fc to 2 classes. The most
// lives while the first layer's weight gradient is stored: both layers' weights and velocities, the
// gradient, and, if it is made in tiles, still the image and the gradient of the 32 values.
TEST(LiveBytes, OfAStepByHand) {
  const std::string path = octet::testing::scratch_file("live_by_hand.yaml");
  std::ofstream(path)
      << "name: hand\ndescription: made for a test\ndataset: {kind: idx, path: none, hint: none, "
         "mean: 0.3, deviation: 0.3}\nclasses: 2\ntraining: {schedule: one-cycle, peak_rate: 0.05, "
         "warmup: 0.2, momentum: 0.9, nesterov: true, weight_decay: 1e-4, epochs: 1, batch: 32}\n"
         "input: {height: 8, width: 8, channels: 1}\nlayers:\n"
         "  - {name: a, op: fc, out: 32, bias: false}\n  - {name: b, op: fc, out: 2, bias: "
         "false}\n";
  const std::int64_t parameters = 2 * 4 * (64 * 32 + 32 * 2);
  const std::int64_t gradient = 4 * 64 * 32;
  const std::int64_t live = live_bytes(lower(
      workloads::read_network(path), model::find_recipe("float32"), find_hardware("base"), 1));
  EXPECT_GE(live, parameters + gradient);
  EXPECT_LE(live, parameters + gradient + 4 * 64 + 4 * 32);
}

TEST(LiveBytes, OfStepsIsThatOfEveryCommand) {
  for (const char* network : {"tiny-cnn", "fashion-cnn", "resnet-20"}) {
    for (const char* recipe : {"int8", "int8-delayed", "float32"}) {
      for (const Scope scope : {Scope::kStep, Scope::kForward, Scope::kInference}) {
        SCOPED_TRACE(std::string(network) + " " + recipe + " " + scope_name(scope));
        const Program program =
            lower(workloads::find_network(network), model::find_recipe(recipe),
                  find_hardware("edge"), 2, false, MappingStrategy::kSearch, scope);
        EXPECT_EQ(live_bytes(program), by_every_command(program));
      }
    }
  }
}

TEST(LiveBytes, AForwardPassNeedsLessThanItsStep) {
  const auto network = workloads::find_network("resnet-20");
  const auto recipe = model::find_recipe("int8");
  const Hardware hw = find_hardware("base");
  std::int64_t before = INT64_MAX;
  for (const Scope scope : {Scope::kStep, Scope::kForward, Scope::kInference}) {
    const StepEstimate step = estimate_step(network, recipe, hw, 64, scope);
    EXPECT_LT(step.stats.live_bytes, before);
    EXPECT_TRUE(step.fits());
    before = step.stats.live_bytes;
  }
}

TEST(LiveBytes, ClosedFormsSayWhatTheMachineSays) {
  RandomPairs pairs(seed_of_test());
  RatesCache rates;
  for (int i = 0; i < 150; ++i) {
    const auto network = pairs.network();
    const auto recipe = pairs.recipe();
    const Hardware hw = machine_for(recipe, pairs.machine());
    const int batch = pairs.batch();
    const auto scope = static_cast<Scope>(i % kScopes);
    SCOPED_TRACE("pair " + std::to_string(i));
    MappingCache mappings(hw, MappingStrategy::kSearch);
    const Lower lowering = [&](Program& to, Emitter& emitter) {
      lower_to(network, recipe, hw, batch, false, mappings, to, emitter, scope);
    };
    Program whole, first, second;
    ProgramEmitter every_command(whole);
    lowering(whole, every_command);
    const std::int64_t expected = live_bytes(whole);
    EXPECT_EQ(closed_form_replayed(lowering, hw, first, 0).live_bytes, expected);
    EXPECT_EQ(closed_form_by_rates(lowering, hw, rates, second).live_bytes, expected);
    if (HasFailure()) return;
  }
}

TEST(LiveBytes, LargeStepsAlikeToo) {
  const auto recipe = model::find_recipe("int8");
  for (const char* name : {"resnet-18", "mobilenet-v1"}) {
    const auto network = workloads::find_network(name);
    const Hardware hw = find_hardware("server");
    RatesCache rates;
    const StepEstimate closed =
        estimate_closed_form(network, recipe, hw, 32, Method::kRates, rates);
    EXPECT_EQ(closed.stats.live_bytes, live_bytes(lower(network, recipe, hw, 32)));
    EXPECT_EQ(to_json(closed)["memory"]["needed_bytes"], closed.stats.live_bytes);
    EXPECT_EQ(to_json(closed)["memory"]["capacity_bytes"], hw.dram.capacity_bytes());
  }
}

}  // namespace
}  // namespace octet::sim
