#include <charconv>
#include <sstream>

#include "common/error.hpp"
#include "sim/program/program.hpp"

namespace octet::sim {
namespace {

struct Field {
  const char* name;
  std::int64_t Command::*member;
  std::int64_t absent;
};
constexpr std::array kFields{
    Field{"a", &Command::a, -1},
    Field{"b", &Command::b, -1},
    Field{"c", &Command::c, -1},
    Field{"out", &Command::out, -1},
    Field{"extra", &Command::extra, -1},
    Field{"first", &Command::first, 0},
    Field{"count", &Command::count, 0},
    Field{"pitch", &Command::pitch, 0},
    Field{"m0", &Command::m0, 0},
    Field{"m", &Command::m, 0},
    Field{"n0", &Command::n0, 0},
    Field{"n", &Command::n, 0},
    Field{"k0", &Command::k0, 0},
    Field{"k", &Command::k, 0},
    Field{"g0", &Command::g0, 0},
    Field{"g", &Command::g, 0},
    Field{"phase_y", &Command::phase_y, 0},
    Field{"phase_x", &Command::phase_x, 0},
    Field{"rows", &Command::rows, 0},
    Field{"cols", &Command::cols, 0},
    Field{"depth", &Command::depth, 0},
    Field{"wide", &Command::wide_operand, 0},
    Field{"dataflow", &Command::dataflow, 0},
    Field{"accumulate", &Command::accumulate, 0},
    Field{"flags", &Command::flags, 0},
    Field{"pad", &Command::pad, 0},
    Field{"offset", &Command::offset, 0},
    Field{"run_bytes", &Command::run_bytes, 0},
    Field{"runs", &Command::runs, 0},
    Field{"stride", &Command::stride, 0},
};

// Where in the text a reader is, for one-line errors.
struct Place {
  std::string file;
  int line = 0;
  [[nodiscard]] Error error(const std::string& field, const std::string& found,
                            const std::string& expected) const {
    return input_error(file + ":" + std::to_string(line), field, found, expected);
  }
};

std::int64_t to_integer(const std::string& text, const std::string& field, const Place& place) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) {
    throw place.error(field, "'" + text + "'", "an integer");
  }
  return value;
}

template <class Enum, class NameOf>
Enum to_enum(const std::string& text, int count, NameOf name_of, const std::string& field,
             const Place& place) {
  for (int i = 0; i < count; ++i) {
    if (text == name_of(static_cast<Enum>(i))) return static_cast<Enum>(i);
  }
  throw place.error(field, "'" + text + "'", std::string("a known ") + field);
}

std::string word(std::istringstream& in, const std::string& field, const Place& place) {
  std::string text;
  if (!(in >> text)) throw place.error(field, "the end of the line", "a word");
  return text;
}

Tensor parse_tensor(std::istringstream& in, const Place& place) {
  Tensor t;
  t.name = word(in, "name", place);
  t.kind =
      to_enum<TensorKind>(word(in, "kind", place), kTensorKinds, tensor_kind_name, "kind", place);
  const auto number = [&](const char* field) {
    return to_integer(word(in, field, place), field, place);
  };
  t.node = static_cast<int>(number("node"));
  t.elements = number("elements");
  t.element_bytes = static_cast<int>(number("element_bytes"));
  t.channels = static_cast<int>(number("channels"));
  t.address = number("address");
  return t;
}

struct MappingField {
  const char* name;
  std::int64_t LayerMapping::*member;
};
constexpr std::array kMappingFields{
    MappingField{"dataflow", &LayerMapping::dataflow},
    MappingField{"images", &LayerMapping::images},
    MappingField{"rows", &LayerMapping::rows},
    MappingField{"width", &LayerMapping::width},
    MappingField{"groups", &LayerMapping::groups},
    MappingField{"columns", &LayerMapping::columns},
    MappingField{"depth", &LayerMapping::depth},
    MappingField{"sliced", &LayerMapping::sliced},
    MappingField{"pixels_outer", &LayerMapping::pixels_outer},
    MappingField{"source_fetches", &LayerMapping::source_fetches},
    MappingField{"weight_fetches", &LayerMapping::weight_fetches},
};

LayerMapping parse_mapping(std::istringstream& in, const Place& place) {
  LayerMapping mapping;
  mapping.layer = static_cast<int>(to_integer(word(in, "layer", place), "layer", place));
  mapping.phase = to_enum<Phase>(word(in, "phase", place), kPhases, phase_name, "phase", place);
  for (const MappingField& field : kMappingFields) {
    mapping.*field.member = to_integer(word(in, field.name, place), field.name, place);
  }
  return mapping;
}

void parse_deps(const std::string& list, Command& command, const Place& place) {
  std::istringstream in(list);
  std::string item;
  while (std::getline(in, item, ',')) {
    command.deps.push_back(static_cast<std::int32_t>(to_integer(item, "deps", place)));
  }
}

Command parse_command(std::istringstream& in, const Place& place) {
  Command command;
  command.op = to_enum<Opcode>(word(in, "opcode", place), kOpcodes, opcode_name, "opcode", place);
  command.layer = static_cast<int>(to_integer(word(in, "layer", place), "layer", place));
  command.phase = to_enum<Phase>(word(in, "phase", place), kPhases, phase_name, "phase", place);
  std::string item;
  while (in >> item) {
    const auto equals = item.find('=');
    const std::string key = item.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : item.substr(equals + 1);
    if (key == "deps") {
      parse_deps(value, command, place);
      continue;
    }
    bool known = false;
    for (const Field& field : kFields) {
      if (key != field.name) continue;
      command.*field.member = to_integer(value, key, place);
      if (key == "dataflow" && (command.dataflow < 0 || command.dataflow > 2)) {
        throw place.error(key, value, "0 (os), 1 (ws) or 2 (is)");
      }
      known = true;
    }
    if (!known) throw place.error(key, "an unknown field", "a field of docs/program.md");
  }
  return command;
}

}  // namespace

std::string print_program(const Program& program) {
  std::ostringstream out;
  out << "program " << program.network << ' ' << program.hardware << ' ' << program.batch
      << (program.float32 ? " float32" : " integer");
  if (program.scope != Scope::kStep) out << ' ' << scope_name(program.scope);
  out << '\n';
  for (const Layer& layer : program.layers)
    out << "layer " << layer.name << ' ' << layer.op << '\n';
  for (const Tensor& t : program.tensors) {
    out << "tensor " << t.name << ' ' << tensor_kind_name(t.kind) << ' ' << t.node << ' '
        << t.elements << ' ' << t.element_bytes << ' ' << t.channels << ' ' << t.address << '\n';
  }
  for (const LayerMapping& m : program.mappings) {
    out << "mapping " << m.layer << ' ' << phase_name(m.phase);
    for (const MappingField& field : kMappingFields) out << ' ' << m.*field.member;
    out << '\n';
  }
  for (const Command& command : program.commands) {
    out << "do " << opcode_name(command.op) << ' ' << command.layer << ' '
        << phase_name(command.phase);
    for (const Field& field : kFields) {
      if (command.*field.member != field.absent) {
        out << ' ' << field.name << '=' << command.*field.member;
      }
    }
    for (std::size_t i = 0; i < command.deps.size(); ++i) {
      out << (i == 0 ? " deps=" : ",") << command.deps[i];
    }
    out << '\n';
  }
  return out.str();
}

Program parse_program(const std::string& text, const std::string& file) {
  Program program;
  std::istringstream lines(text);
  Place place{file, 0};
  std::string line;
  while (std::getline(lines, line)) {
    ++place.line;
    if (line.empty()) continue;
    std::istringstream in(line);
    const std::string kind = word(in, "line", place);
    if (kind == "program") {
      program.network = word(in, "network", place);
      program.hardware = word(in, "hardware", place);
      program.batch = static_cast<int>(to_integer(word(in, "batch", place), "batch", place));
      const std::string arithmetic = word(in, "arithmetic", place);
      if (arithmetic != "float32" && arithmetic != "integer")
        throw place.error("arithmetic", "'" + arithmetic + "'", "integer or float32");
      program.float32 = arithmetic == "float32";
      std::string scope;
      if (in >> scope) program.scope = to_enum<Scope>(scope, kScopes, scope_name, "scope", place);
    } else if (kind == "layer") {
      const std::string name = word(in, "name", place);
      program.layers.push_back({name, word(in, "op", place)});
    } else if (kind == "tensor") {
      program.tensors.push_back(parse_tensor(in, place));
    } else if (kind == "mapping") {
      program.mappings.push_back(parse_mapping(in, place));
    } else if (kind == "do") {
      program.commands.push_back(parse_command(in, place));
    } else {
      throw place.error("line", "'" + kind + "'", "program, layer, tensor, mapping or do");
    }
  }
  return program;
}

}  // namespace octet::sim
