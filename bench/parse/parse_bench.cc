// How fast messages become signals, beside what bare simdjson needs to touch the same fields.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/parse/bare_simdjson.h"
#include "bench/parse/sample_records.h"
#include "parser/message_parser.h"

namespace signinwatch {
namespace {

// Event Hubs' usual limit of what the exporter sends at once.
constexpr size_t kMessageBytes = size_t{250} << 10;

std::string MessageOf(const benchmark::State& state) {
  return SampleBatch(kMessageBytes, static_cast<KeyOrder>(state.range(0)), 1);
}

void Report(benchmark::State& state, const std::string& message) {
  static constexpr const char* kOrders[] = {"usual", "shuffled", "reversed"};
  state.SetLabel(kOrders[state.range(0)]);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * message.size()));
}

void Parser(benchmark::State& state) {
  const std::string message = MessageOf(state);
  MessageParser parser(ParserOptions{});
  ParsedMessage parsed;
  for (auto _ : state) {
    parser.Parse(message, kEndOfTime, &parsed);
    benchmark::DoNotOptimize(parsed.signals.data());
  }
  if (parsed.signals.size() != parsed.records) state.SkipWithError("a record was not accepted");
  Report(state, message);
}

template <uint64_t (BareSimdjson::*Read)()>
void Bare(benchmark::State& state) {
  const std::string message = MessageOf(state);
  BareSimdjson bare(message);
  uint64_t sum = 0;
  for (auto _ : state) {
    sum = (bare.*Read)();
    benchmark::DoNotOptimize(sum);
  }
  if (sum == 0) state.SkipWithError("bare simdjson failed");
  Report(state, message);
}

BENCHMARK(Parser)->DenseRange(0, 2);
BENCHMARK(Bare<&BareSimdjson::ByLoop>)->Name("BareLoop")->DenseRange(0, 2);
BENCHMARK(Bare<&BareSimdjson::ByLookUp>)->Name("BareLookUp")->DenseRange(0, 2);
BENCHMARK(Bare<&BareSimdjson::IndexAlone>)->Name("IndexAlone")->DenseRange(0, 2);

}  // namespace
}  // namespace signinwatch

BENCHMARK_MAIN();
