#include <cstdio>
#include <map>
#include <cmath>
#include "sim/closed_form/outline_emitter.hpp"
#include "sim/closed_form/rate_memory.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "tests/sim/closed_form/random_pairs.hpp"
using namespace octet::sim;
struct Diag {
  struct Sum { double n=0, real=0, err=0, abs=0; };
  std::map<std::string, Sum> sums;
  void run(const Outline& o, const Hardware& hw, bool refresh, bool verbose) {
    Dram dram = hw.dram; if (!refresh) dram.t.refi = 0;
    DramSystem mem(dram); TransferTimer timer(dram, hw.clock_hz, hw.dma_in_flight);
    TransferRates rates(dram, hw.clock_hz, hw.dma_in_flight); RateMemory rm(rates);
    std::vector<std::int64_t> end(o.steps.size(), -1), st(o.steps.size());
    std::array<std::vector<int>, kUnits> q; std::array<size_t, kUnits> h{}; std::array<std::int64_t,kUnits> fr{};
    for (size_t i=0;i<o.steps.size();++i) q[(size_t)o.steps[i].unit].push_back((int)i);
    auto ready=[&](size_t u)->std::int64_t{ if(h[u]==q[u].size()) return INT64_MAX; auto&s=o.steps[q[u][h[u]]]; std::int64_t t=fr[u]; for(auto d=s.deps;d<s.deps_end;++d){ auto e=end[o.deps[d]]; if(e<0) return INT64_MAX; t=std::max(t,e);} return t;};
    std::int64_t lastend[2]={-1000,-1000};
    for(;;){ bool mv=false;
      for(size_t u=0;u<5;++u) for(auto t=ready(u);t!=INT64_MAX;t=ready(u)){ int id=q[u][h[u]++]; end[id]=fr[u]=t+1+o.steps[id].cycles; mv=true;}
      if(mv) continue;
      auto l=ready(5), s=ready(6); if(l==INT64_MAX&&s==INT64_MAX) break;
      size_t u=l<s?5:6; auto t=std::min(l,s); int id=q[u][h[u]++]; auto& x=o.steps[id]; auto&c=*x.command;
      bool w=u==6;
      std::int64_t e=timer.end(mem,t+1,x.address,c.runs,c.run_bytes,c.stride,w);
      std::string why; 
      std::int64_t est=rm.transfer(c,x.address,t+1,1,false);
      std::int64_t from=std::max<std::int64_t>(t+1, lastend[!w]);
      std::string key=std::string(w?"store ":"load ")+(c.runs==1?"one ":c.run_bytes<=64?"short ":"runs ")+why;
      Sum& k=sums[key]; k.n++; k.real+=double(e-from); k.err+=double(est-e); k.abs+=std::abs(double(est-e));
      if(verbose) std::printf("%s now %lld addr %lld runs %lld x %lld stride %lld: real %lld est %lld (other %lld) %s\n", w?"store":"load", (long long)t+1,(long long)x.address,(long long)c.runs,(long long)c.run_bytes,(long long)c.stride,(long long)(e-t-1),(long long)(est-t-1),(long long)(lastend[!w]-t-1),why.c_str());
      lastend[w]=e; end[id]=fr[u]=e;
    }
  }
};
TEST(Quick, Diag) {
  RandomPairs pairs(std::getenv("SEED")?atoi(std::getenv("SEED")):20261125U);
  int only = std::getenv("ONLY")?atoi(std::getenv("ONLY")):-1;
  Diag d;
  for (int i=0;i<500;++i){
    const auto network = pairs.network(); const auto recipe = pairs.recipe();
    const Hardware hw = machine_for(recipe, pairs.machine()); const int batch = pairs.batch();
    if (only>=0 && i!=only) continue;
    if (std::getenv("KIND") && hw.dram.kind != std::getenv("KIND")) continue;
    MappingCache m(hw, MappingStrategy::kSearch); Program t; OutlineEmitter e(t,hw,{1000,1000,1,1});
    lower_to(network,recipe,hw,batch,false,m,t,e);
    if (only<0 && e.outline().steps.size() > 4000) continue;
    d.run(e.outline(), hw, std::getenv("REFRESH")!=nullptr, only>=0);
  }
  for (auto&[k,s]:d.sums) std::printf("%-32s n %7.0f real mean %8.1f err mean %7.2f abs %7.2f  total err %9.0f of %9.0f\n",k.c_str(),s.n,s.real/s.n,s.err/s.n,s.abs/s.n,s.err,s.real);
}
