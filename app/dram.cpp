#include <fmt/core.h>

#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "common/error.hpp"
#include "sim/config/dram_kinds.hpp"
#include "sim/config/hardware.hpp"
#include "sim/dram/measure.hpp"

namespace octet::app {
namespace {

struct Options {
  std::string kind = "DDR4-2400", hardware, mapping, scheduler, page, pattern = "sequential";
  int channels = 1, ranks = 1, queue = 32, bank_queue = 8, writes = -1;
  std::int64_t requests = 400000, stride = 4096, span = std::int64_t{1} << 30;
  std::uint64_t seed = 1;
  bool no_refresh = false, json = false;
};

// Settings that were not given are the machine's, or the kind's.
sim::Dram resolve_dram(const Options& o, const CLI::App& command) {
  const auto given = [&](const char* name) { return command.count(name) > 0; };
  sim::Dram dram;
  if (!o.hardware.empty()) {
    dram = sim::find_hardware(o.hardware).dram;
    if (given("--kind")) throw usage_error("--kind", "a machine too", "--kind or --hardware");
  } else {
    dram = sim::find_dram(o.kind);
    dram.scheduler = sim::DramScheduler::kFrFcfs;
  }
  if (given("--channels")) dram.channels = o.channels;
  if (given("--ranks")) dram.ranks = o.ranks;
  if (given("--queue")) dram.queue = o.queue;
  if (given("--bank-queue")) dram.bank_queue = o.bank_queue;
  if (given("--page")) dram.page = o.page == "open" ? sim::DramPage::kOpen : sim::DramPage::kClosed;
  if (given("--scheduler")) {
    dram.scheduler =
        o.scheduler == "in_order" ? sim::DramScheduler::kInOrder : sim::DramScheduler::kFrFcfs;
  }
  if (given("--mapping")) {
    const std::string expected = sim::parse_mapping(o.mapping, dram);
    if (!expected.empty()) throw usage_error("--mapping", "'" + o.mapping + "'", expected);
  }
  if (o.no_refresh) dram.t.refi = dram.t.rfc = 0;
  return dram;
}

sim::DramLoad resolve_load(const Options& o, const sim::Dram& dram) {
  sim::DramLoad load;
  load.pattern = o.pattern == "sequential" ? sim::DramPattern::kSequential
                 : o.pattern == "strided"  ? sim::DramPattern::kStrided
                 : o.pattern == "random"   ? sim::DramPattern::kRandom
                                           : sim::DramPattern::kMixed;
  load.write_percent = o.writes >= 0 ? o.writes : o.pattern == "mixed" ? 50 : 0;
  load.span = o.span;
  load.stride = o.stride;
  load.seed = o.seed;
  if (o.span < 2 * dram.burst_bytes) {
    throw usage_error("--span", std::to_string(o.span),
                      "at least two bursts of " + std::to_string(dram.burst_bytes) + " bytes");
  }
  if (o.stride < dram.burst_bytes || o.stride % dram.burst_bytes != 0 || o.stride > o.span) {
    throw usage_error(
        "--stride", std::to_string(o.stride),
        "a multiple of a burst's " + std::to_string(dram.burst_bytes) + " bytes, at most the span");
  }
  return load;
}

nlohmann::ordered_json to_json(const Options& o, const sim::Dram& dram, const sim::DramLoad& load,
                               const sim::DramMeasure& m, const sim::DramBound& bound,
                               const sim::IdleLatency& idle, double seconds) {
  const double ns = 1e9 / static_cast<double>(dram.clock_hz);
  const auto latency = [&](std::int64_t clocks) {
    return nlohmann::ordered_json{{"clocks", clocks}, {"ns", static_cast<double>(clocks) * ns}};
  };
  const sim::DramCounters& c = m.counters;
  return {{"kind", dram.kind},
          {"channels", dram.channels},
          {"ranks", dram.ranks},
          {"mapping", dram.mapping.text},
          {"scheduler", dram.scheduler == sim::DramScheduler::kFrFcfs ? "fr_fcfs" : "in_order"},
          {"page", dram.page == sim::DramPage::kOpen ? "open" : "closed"},
          {"pattern", o.pattern},
          {"write_percent", load.write_percent},
          {"requests", m.requests},
          {"request_bytes", dram.burst_bytes},
          {"clock_hz", dram.clock_hz},
          {"clocks", m.clocks},
          {"idle_latency",
           {{"hit", latency(idle.hit)},
            {"closed", latency(idle.closed)},
            {"conflict", latency(idle.conflict)}}},
          {"mean_latency_ns", m.mean_latency * ns},
          {"max_latency_ns", static_cast<double>(m.max_latency) * ns},
          {"bandwidth_bytes_per_second", m.bytes_per_second},
          {"peak_bytes_per_second", dram.peak_bytes_per_second()},
          {"bound_bytes_per_second", bound.bytes_per_second},
          {"bound_by", bound.holds},
          {"efficiency", m.bytes_per_second / bound.bytes_per_second},
          {"row_hit_rate", static_cast<double>(c.hits) / static_cast<double>(m.requests)},
          {"reads", c.reads},
          {"writes", c.writes},
          {"activates", c.activates},
          {"precharges", c.precharges},
          {"refreshes", c.refreshes},
          {"row_hits", c.hits},
          {"row_misses", c.misses},
          {"row_conflicts", c.conflicts},
          {"cpu_seconds", seconds}};
}

void print(const nlohmann::ordered_json& r) {
  const auto number = [&](const char* key) { return r[key].get<double>(); };
  fmt::print("{}, {} channel(s) of {} rank(s), {}, {}, {} page\n", r["kind"].get<std::string>(),
             r["channels"].get<int>(), r["ranks"].get<int>(), r["mapping"].get<std::string>(),
             r["scheduler"].get<std::string>(), r["page"].get<std::string>());
  fmt::print("  idle latency         ");
  for (const auto& [name, latency] : r["idle_latency"].items()) {
    fmt::print(" {} {} clocks ({:.2f} ns){}", name, latency["clocks"].get<std::int64_t>(),
               latency["ns"].get<double>(), name == "conflict" ? "\n" : ",");
  }
  fmt::print("{} x {} bytes, {}, {} % writes\n", r["requests"].get<std::int64_t>(),
             r["request_bytes"].get<std::int64_t>(), r["pattern"].get<std::string>(),
             r["write_percent"].get<int>());
  fmt::print("  bandwidth             {:.2f} GB/s\n", 1e-9 * number("bandwidth_bytes_per_second"));
  fmt::print("  closed-form bound     {:.2f} GB/s ({}), peak {:.2f} GB/s\n",
             1e-9 * number("bound_bytes_per_second"), r["bound_by"].get<std::string>(),
             1e-9 * number("peak_bytes_per_second"));
  fmt::print("  of the bound          {:.1f} %\n", 100.0 * number("efficiency"));
  fmt::print("  row hits              {:.1f} %\n", 100.0 * number("row_hit_rate"));
  fmt::print("  latency under load    {:.1f} ns mean, {:.1f} ns at most\n",
             number("mean_latency_ns"), number("max_latency_ns"));
  fmt::print(
      "  commands              {} activates, {} reads, {} writes, {} precharges, "
      "{} refreshes\n",
      r["activates"].get<std::int64_t>(), r["reads"].get<std::int64_t>(),
      r["writes"].get<std::int64_t>(), r["precharges"].get<std::int64_t>(),
      r["refreshes"].get<std::int64_t>());
  fmt::print("  modelled in           {:.3f} CPU s ({:.2f} M requests/s)\n", number("cpu_seconds"),
             1e-6 * number("requests") / number("cpu_seconds"));
}

int run_dram(const Options& o, const CLI::App& command) {
  const sim::Dram dram = resolve_dram(o, command);
  const sim::DramLoad load = resolve_load(o, dram);
  const std::clock_t start = std::clock();
  const sim::DramMeasure m = sim::measure(dram, load, o.requests);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (m.bytes_per_second <= 0.0)
    throw usage_error("--requests", std::to_string(o.requests),
                      "more: all channels took them at once, which is no bandwidth");
  const auto result = to_json(o, dram, load, m, sim::bandwidth_bound(dram, load, o.requests),
                              sim::idle_latency(dram), seconds);
  if (o.json)
    fmt::print("{}\n", result.dump(2));
  else
    print(result);
  return 0;
}

}  // namespace

void add_dram(CLI::App& cli, Run& run) {
  CLI::App* command = cli.add_subcommand(
      "dram",
      "Latency and bandwidth of a memory under a pattern of requests\n"
      "example: octet dram --kind HBM2 --channels 8 --pattern random --requests 400000");
  auto o = std::make_shared<Options>();
  command->add_option("--kind", o->kind, "a memory's name or file")->capture_default_str();
  command->add_option("--hardware", o->hardware, "the memory of this machine instead");
  command->add_option("--pattern", o->pattern, "sequential, strided, random or mixed")
      ->check(CLI::IsMember({"sequential", "strided", "random", "mixed"}))
      ->capture_default_str();
  command->add_option("--requests", o->requests, "of one burst each")
      ->check(CLI::Range(std::int64_t{20}, std::int64_t{10000000000}))
      ->capture_default_str();
  command->add_option("--writes", o->writes, "per cent of the requests (mixed: 50, else 0)")
      ->check(CLI::Range(0, 100));
  command->add_option("--stride", o->stride, "bytes between requests (strided)")
      ->capture_default_str();
  command->add_option("--span", o->span, "bytes that the requests cover")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 45))
      ->capture_default_str();
  command->add_option("--seed", o->seed, "of random addresses and writes")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command->add_option("--channels", o->channels, "channels (default 1, or the machine's)")
      ->check(CLI::Range(1, 64));
  command->add_option("--ranks", o->ranks, "ranks of a channel (default 1, or the machine's)")
      ->check(CLI::Range(1, 16));
  command->add_option("--mapping", o->mapping, "address fields, highest first: ro-ra-ba-co-bg-ch");
  command->add_option("--scheduler", o->scheduler, "fr_fcfs or in_order")
      ->check(CLI::IsMember({"fr_fcfs", "in_order"}));
  command->add_option("--page", o->page, "open or closed")
      ->check(CLI::IsMember({"open", "closed"}));
  command->add_option("--queue", o->queue, "requests a controller holds (default 32)")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--bank-queue", o->bank_queue,
                   "commands that wait at a bank (default 8; 0: one queue for all)")
      ->check(CLI::Range(0, 64));
  command->add_flag("--no-refresh", o->no_refresh, "no refresh");
  command->add_flag("--json", o->json, "print JSON");
  command->callback([o, command, &run] { run = [o, command] { return run_dram(*o, *command); }; });
}

}  // namespace octet::app
