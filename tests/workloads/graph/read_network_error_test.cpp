#include <gtest/gtest.h>

#include <string>

#include "tests/common/expect_error.hpp"
#include "tests/workloads/graph/network_text.hpp"

namespace octet::workloads {
namespace {

using octet::testing::expect_error;
using octet::testing::network_text;
using octet::testing::TempDir;

constexpr const char* kInput = "[4, 6, 2]";
constexpr const char* kLast = "  - {name: last, op: fc, out: 10}\n";

struct Case {
  const char* name;
  std::string text;
  const char* error;  // behind "FILE:"
};

// `layer` at line 8, then the classifier at line 9.
std::string first(const std::string& layer) { return network_text("  - " + layer + "\n" + kLast); }
std::string training(const std::string& text) { return network_text(kLast, kInput, "10", text); }
std::string replaced(const std::string& from, const std::string& to) {
  std::string text = network_text(kLast);
  return text.replace(text.find(from), from.size(), to);
}

class ReadNetworkError : public ::testing::TestWithParam<Case> {};

TEST_P(ReadNetworkError, NamesLineFieldFoundAndExpected) {
  const TempDir dir;
  const std::string path = dir.write("net.yaml", GetParam().text);
  expect_error([&path] { (void)read_network(path); }, path + GetParam().error);
}

const Case kHead[] = {
    {"UnknownKey", replaced("classes: 10", "classes: 10\nclass: 10"),
     ":6: class: found an unknown key, expected one of: name, description, dataset, input, "
     "classes, training, layers"},
    {"BadName", replaced("name: test", "name: a/b"),
     ":1: name: found a/b, expected 1 to 64 letters, digits, '_', '-' or '.'"},
    {"MissingDescription", replaced("description: d\n", ""),
     ":1: description: found nothing, expected a text"},
    {"UnknownDatasetKey", replaced("mean", "average: 1, mean"),
     ":3: dataset.average: found an unknown key, expected one of: kind, path, hint, mean, "
     "deviation, augment"},
    {"UnknownDatasetKind", replaced("kind: idx", "kind: png"),
     ":3: dataset.kind: found png, expected one of: idx, cifar10, image_folder"},
    {"UnknownAugment", replaced("mean", "augment: flip, mean"),
     ":3: dataset.augment: found flip, expected one of: none, crop_flip, resized_crop"},
    {"NegativePadOfACrop", replaced("mean", "augment: crop_flip, pad: -1, mean"),
     ":3: dataset.pad: found -1, expected an integer from 0 to 1024"},
    {"PadWithoutACrop", replaced("mean", "pad: 4, mean"),
     ":3: dataset.pad: found an unknown key, expected one of: kind, path, hint, mean, deviation, "
     "augment"},
    {"MeanNoByteHolds", replaced("mean: 0.5", "mean: 1.5"),
     ":3: dataset.mean: found 1.5, expected a number from 0 to 1"},
    {"ZeroDeviation", replaced("deviation: 0.25", "deviation: 0"),
     ":3: dataset.deviation: found 0, expected a number from 1e-06 to 1e+06"},
    {"ZeroHeight", replaced("height: 4", "height: 0"),
     ":4: input.height: found 0, expected an integer from 1 to 1048576"},
    {"NegativeChannels", replaced("channels: 2", "channels: -1"),
     ":4: input.channels: found -1, expected an integer from 1 to 1048576"},
    {"UnknownInputKey", replaced("width: 6", "width: 6, depth: 1"),
     ":4: input.depth: found an unknown key, expected one of: height, width, channels"},
    {"OneClass", replaced("classes: 10", "classes: 1"),
     ":5: classes: found 1, expected an integer from 2 to 65536"},
    {"MoreClassesThanALabelHolds", replaced("classes: 10", "classes: 65537"),
     ":5: classes: found 65537, expected an integer from 2 to 65536"},
    {"NoLayers", network_text("  []\n"),
     ":7: layers: found an empty list, expected at least one layer"},
    {"LayersMissing", replaced("layers:\n" + std::string(kLast), ""),
     ":1: layers: found nothing, expected a list of maps"},
    {"LayerNotAMap", network_text("  - relu\n"),
     ":8: layers[0]: found relu, expected a map of keys"},
};

const Case kTraining[] = {
    {"UnknownKey", training("{rate: 1}"),
     ":6: training.rate: found an unknown key, expected one of: schedule, peak_rate, momentum, "
     "nesterov, weight_decay, epochs, batch, warmup"},
    {"UnknownSchedule", training("{schedule: linear}"),
     ":6: training.schedule: found linear, expected one of: one-cycle, cosine, step, constant"},
    {"NoBatch", training("{batch: 0}"),
     ":6: training.batch: found 0, expected an integer from 1 to 1048576"},
    {"NoEpochs", training("{epochs: 0}"),
     ":6: training.epochs: found 0, expected an integer from 1 to 1048576"},
    {"NoRate", training("{peak_rate: 0}"),
     ":6: training.peak_rate: found 0, expected a number from 1e-09 to 1000"},
    {"MomentumOne", training("{momentum: 1}"),
     ":6: training.momentum: found 1, expected a number from 0 to 0.9999"},
    {"NegativeDecay", training("{weight_decay: -1}"),
     ":6: training.weight_decay: found -1, expected a number from 0 to 1"},
    {"WarmupAboveOne", training("{warmup: 1.5}"),
     ":6: training.warmup: found 1.5, expected a number from 0 to 1"},
    {"WarmupUnused", training("{schedule: constant, warmup: 0.2}"),
     ":6: training.warmup: found an unknown key, expected one of: schedule, peak_rate, momentum, "
     "nesterov, weight_decay, epochs, batch"},
    {"MilestonesUnused", training("{milestones: [1]}"),
     ":6: training.milestones: found an unknown key, expected one of: schedule, peak_rate, "
     "momentum, nesterov, weight_decay, epochs, batch, warmup"},
    {"MilestonesMissing", training("{schedule: step}"),
     ":6: training.milestones: found nothing, expected an integer or a list of integers"},
    {"MilestonesEmpty", training("{schedule: step, milestones: []}"),
     ":6: training.milestones: found an empty list, expected at least one epoch"},
    {"MilestonesNotRising", training("{schedule: step, milestones: [2, 2]}"),
     ":6: training.milestones: found 2 after 2, expected rising epochs"},
    {"MilestoneAtTheEnd", training("{schedule: step, milestones: [5], epochs: 5}"),
     ":6: training.milestones: found 5, expected epochs below training.epochs (5)"},
};

const Case kLayers[] = {
    {"UnknownOp", first("{name: a, op: lstm}"),
     ":8: layers[0].op: found lstm, expected one of: conv, fc, norm, relu, max_pool, avg_pool, "
     "add, shortcut"},
    {"MissingOp", first("{name: a}"),
     ":8: layers[0].op: found nothing, expected one of: conv, fc, norm, relu, max_pool, avg_pool, "
     "add, shortcut"},
    {"UnknownKey", first("{name: a, op: relu, kernal: 3}"),
     ":8: layers.a.kernal: found an unknown key, expected one of: op, name, from"},
    {"KeyOfAnotherOp", first("{name: a, op: fc, out: 3, kernel: 3}"),
     ":8: layers.a.kernel: found an unknown key, expected one of: op, name, from, out, bias"},
    {"BadName", first("{name: a b, op: relu}"),
     ":8: layers[0].name: found a b, expected 1 to 64 letters, digits, '_', '-' or '.'"},
    {"NameTwice", first("{name: last, op: relu}"),
     ":9: layers.last.name: found last, which a layer above has, expected a name of its own"},
    {"NameOfTheInput", first("{name: input, op: relu}"),
     ":8: layers.input.name: found input, which a layer above has, expected a name of its own"},
    {"NameOfTheLoss", first("{name: loss, op: relu}"),
     ":8: layers.loss.name: found loss, expected another name: Octet adds the loss"},
    {"DefaultNameInThePath", first("{op: conv, out: 0, kernel: 1}"),
     ":8: layers.conv1.out: found 0, expected an integer from 1 to 1048576"},
    {"NoOut", first("{name: a, op: conv, kernel: 1}"),
     ":8: layers.a.out: found nothing, expected an integer from 1 to 1048576"},
    {"NegativeOut", first("{name: a, op: fc, out: -4}"),
     ":8: layers.a.out: found -4, expected an integer from 1 to 1048576"},
    {"NoKernel", first("{name: a, op: conv, out: 1}"),
     ":8: layers.a.kernel: found nothing, expected an integer or a list of integers"},
    {"ZeroKernel", first("{name: a, op: conv, out: 1, kernel: 0}"),
     ":8: layers.a.kernel: found 0, expected an integer from 1 to 1048576"},
    {"KernelOfThree", first("{name: a, op: conv, out: 1, kernel: [1, 1, 1]}"),
     ":8: layers.a.kernel: found a list of 3, expected one integer or [height, width]"},
    {"KernelEmpty", first("{name: a, op: conv, out: 1, kernel: []}"),
     ":8: layers.a.kernel: found a list of 0, expected one integer or [height, width]"},
    {"ZeroStride", first("{name: a, op: conv, out: 1, kernel: 1, stride: [1, 0]}"),
     ":8: layers.a.stride: found 0, expected integers from 1 to 1048576"},
    {"NegativePad", first("{name: a, op: conv, out: 1, kernel: 1, pad: -1}"),
     ":8: layers.a.pad: found -1, expected an integer from 0 to 1048576"},
    {"ZeroDilation", first("{name: a, op: conv, out: 1, kernel: 1, dilation: 0}"),
     ":8: layers.a.dilation: found 0, expected an integer from 1 to 1048576"},
    {"WindowTooHigh", first("{name: a, op: conv, out: 1, kernel: [7, 1], pad: 1}"),
     ":8: layers.a.kernel: found a window of 7 in height, expected at most the padded input's 6"},
    {"WindowTooWide", first("{name: a, op: conv, out: 1, kernel: [1, 2], dilation: 6}"),
     ":8: layers.a.kernel: found a window of 7 in width, expected at most the padded input's 6"},
    {"PoolTooHigh", first("{name: a, op: max_pool, kernel: 5}"),
     ":8: layers.a.kernel: found a window of 5 in height, expected at most the padded input's 4"},
    {"PoolInThePaddingAlone", first("{name: a, op: max_pool, kernel: 2, pad: [0, 2]}"),
     ":8: layers.a.pad: found [0, 2], expected less than the kernel [2, 2]"},
    {"MaxPoolNeedsAKernel", first("{name: a, op: max_pool}"),
     ":8: layers.a.kernel: found nothing, expected an integer or a list of integers"},
    {"GlobalPoolHasNoStride", first("{name: a, op: avg_pool, stride: 2}"),
     ":8: layers.a.stride: found an unknown key, expected one of: op, name, from, kernel"},
    {"ZeroGroups", first("{name: a, op: conv, out: 1, kernel: 1, groups: 0}"),
     ":8: layers.a.groups: found 0, expected an integer from 1 to 1048576"},
    {"GroupsAndInput", first("{name: a, op: conv, out: 3, kernel: 1, groups: 3}"),
     ":8: layers.a.groups: found 3, expected a divisor of the 2 input channels"},
    {"GroupsAndOutput", first("{name: a, op: conv, out: 3, kernel: 1, groups: 2}"),
     ":8: layers.a.groups: found 2, expected a divisor of the 3 output channels"},
    {"ShortcutToFewerChannels", first("{name: a, op: shortcut, out: 1}"),
     ":8: layers.a.out: found 1, expected at least the 2 input channels"},
    {"ShortcutStride", first("{name: a, op: shortcut, stride: 0}"),
     ":8: layers.a.stride: found 0, expected an integer from 1 to 1048576"},
    {"ShortcutHasNoKernel", first("{name: a, op: shortcut, kernel: 1}"),
     ":8: layers.a.kernel: found an unknown key, expected one of: op, name, from, out, stride"},
    {"BiasNotBoolean", first("{name: a, op: fc, out: 3, bias: 1}"),
     ":8: layers.a.bias: found 1, expected one of: true, false"},
};

const Case kGraph[] = {
    {"FromUnknown", first("{name: a, op: relu, from: b}"),
     ":8: layers.a.from: found b, expected input or the name of a layer above"},
    {"FromBelow", first("{name: a, op: relu, from: last}"),
     ":8: layers.a.from: found last, expected input or the name of a layer above"},
    {"FromItself", first("{name: a, op: relu, from: a}"),
     ":8: layers.a.from: found a, expected input or the name of a layer above"},
    {"ReluOfTwo", first("{name: a, op: relu, from: [input, input]}"),
     ":8: layers.a.from: found 2 inputs, expected 1 for relu"},
    {"FromNothing", first("{name: a, op: relu, from: []}"),
     ":8: layers.a.from: found 0 inputs, expected 1 for relu"},
    {"AddOfOne", first("{name: a, op: add}"),
     ":8: layers.a.from: found 1 input, expected 2 for add"},
    {"AddOfThree",
     network_text("  - {name: a, op: relu}\n  - {name: b, op: relu}\n"
                  "  - {name: c, op: add, from: [input, a, b]}\n" +
                  std::string(kLast)),
     ":10: layers.c.from: found 3 inputs, expected 2 for add"},
    {"AddOfOneTwice", first("{name: a, op: add, from: [input, input]}"),
     ":8: layers.a.from: found input twice, expected two different layers"},
    {"AddOfTwoShapes",
     network_text("  - {name: a, op: max_pool, kernel: 2}\n"
                  "  - {name: b, op: add, from: [input, a]}\n" +
                  std::string(kLast)),
     ":9: layers.b.from: found 4x6x2 and 2x3x2, expected inputs of one shape"},
    {"NobodyReads",
     network_text("  - {name: a, op: relu}\n"
                  "  - {name: last, op: fc, out: 10, from: input}\n"),
     ":8: layers.a: found an output that no layer reads, expected a later layer with \"from: a\""},
    {"ClassesMismatch", network_text("  - {name: last, op: fc, out: 9}\n"),
     ":8: layers.last: found an output of 1x1x9 (9 elements) as the last layer, expected 10 "
     "elements, one a class"},
};

std::string case_name(const ::testing::TestParamInfo<Case>& each) { return each.param.name; }
INSTANTIATE_TEST_SUITE_P(Head, ReadNetworkError, ::testing::ValuesIn(kHead), case_name);
INSTANTIATE_TEST_SUITE_P(Training, ReadNetworkError, ::testing::ValuesIn(kTraining), case_name);
INSTANTIATE_TEST_SUITE_P(Layers, ReadNetworkError, ::testing::ValuesIn(kLayers), case_name);
INSTANTIATE_TEST_SUITE_P(Graph, ReadNetworkError, ::testing::ValuesIn(kGraph), case_name);

}  // namespace
}  // namespace octet::workloads
