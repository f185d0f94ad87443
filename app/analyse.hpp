#pragma once
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "model/analysis/angles.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// What `octet train` looks at beside the training: --analyse, --analyse-every.
struct AnalyseOptions {
  std::string what;  // "angles", or empty: nothing
  long every = 0;    // steps; 0: about 20 samples spread over the run
};
void add_analyse_options(CLI::App& command, AnalyseOptions& options);
// Refuses what could not be analysed, before any work. Throws octet::Error.
void check_analyse(const AnalyseOptions& options, const model::Recipe& recipe);

// The angles of one run: gathered through the engine's observer, then told in three forms.
// All do nothing where no analysis was asked for.
class Analysis {
 public:
  // `steps` of the whole run.
  Analysis(const AnalyseOptions& options, const workloads::Network& network,
           const model::Recipe& recipe, long steps);
  [[nodiscard]] model::QuantisationObserver observer();
  [[nodiscard]] long every() const { return every_; }  // holds on to this object
  void add_to(nlohmann::ordered_json& result) const;   // training.angles
  void write(const std::string& folder) const;         // angles.csv
  void print() const;

 private:
  [[nodiscard]] nlohmann::ordered_json rows() const;

  const workloads::Network& network_;
  long every_;
  std::optional<model::Angles> angles_;
};

}  // namespace octet::app
