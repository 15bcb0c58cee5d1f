#include "daemon/ingest/ingest_pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace signinwatch::ingest {
namespace {

// One thread parses several GB/s; routing needs one of its own.
int ParseThreads(const config::PipelineConfig& config) {
  if (config.parse_threads > 0) return config.parse_threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1, 4);
}

}  // namespace

IngestPipeline::IngestPipeline(IngestParts parts)
    : parts_(std::move(parts)),
      output_(parts_.config.serve.signals.topic, parts_.make_producer),
      parse_(pipeline::RecordReaders(parts_.config.parser),
             ParseThreads(parts_.config.serve.pipeline), parts_.config.serve.pipeline.queue_bytes,
             parts_.clock,
             {.work = [this] { parse_threads_.Wake(); },
              .ready = [this] { route_threads_.Wake(); },
              .room = [this] { consume_threads_.Wake(); }}),
      consume_(parts_.source, commands_, parse_, parts_.memory, parts_.clock, parts_.metrics,
               [this](const absl::Status& status) { Fail(status); }),
      route_({.config = parts_.config,
              .commands = commands_,
              .parse = parse_,
              .output = output_,
              .dead_letters = parts_.dead_letters,
              .clock = parts_.clock,
              .metrics = parts_.metrics,
              .fold_metrics = parts_.fold_metrics},
             parts_.clock.Now()),
      consume_threads_(parts_.clock, [this](clock::Instant now) { return consume_.Step(now); }),
      parse_threads_(parts_.clock, [this](clock::Instant now) { return parse_.Step(now); }),
      route_threads_(parts_.clock, [this](clock::Instant now) { return route_.Step(now); }) {}

IngestPipeline::~IngestPipeline() { Stop(std::chrono::milliseconds(0)); }

void IngestPipeline::Start() {
  consume_threads_.Start();
  parse_threads_.Start(ParseThreads(parts_.config.serve.pipeline));
  route_threads_.Start();
  running_ = true;
}

void IngestPipeline::Stop(std::chrono::milliseconds patience) {
  if (!std::exchange(running_, false)) return;
  consume_.End();
  consume_threads_.Wake();
  consume_threads_.Join();
  route_.LimitPatience(parts_.clock.Steady() + patience);
  route_threads_.Wake();
  parse_threads_.Join();
  route_threads_.Join();
  consume_.Leave();
}

void IngestPipeline::Fail(const absl::Status& status) {
  if (failed_.exchange(true)) return;
  parts_.failed(status);
  consume_.End();
}

std::vector<pipeline::StageStatus> IngestPipeline::stages() const {
  const clock::SteadyTime now = parts_.clock.Steady();
  return {{.name = "consume", .busy_ratio = consume_.busy().Ratio(now)},
          {.name = "parse",
           .queue_depth = parse_.queue_depth(),
           .queue_max = pipeline::ParseStage::kBatchesMax,
           .busy_ratio = parse_.busy().Ratio(now)},
          {.name = "route", .busy_ratio = route_.busy().Ratio(now)}};
}

}  // namespace signinwatch::ingest
