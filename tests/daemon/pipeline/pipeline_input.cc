#include "tests/daemon/pipeline/pipeline_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/generator/generate.h"
#include "daemon/replay/replay.h"
#include "tests/daemon/generator/traffic.h"
#include "tests/daemon/generator/without_risk_events.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::pipeline {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

PipelineInput MakeInput() {
  PipelineInput input;
  generator::GenerateOptions options = generator::SmallTraffic();
  options.duration = kDay;
  options.scenarios = true;
  options.partitions = kInputPartitions;
  const generator::Traffic traffic = generator::Generate(options);
  const TemporaryFolder folder;
  replay::ReplayOptions replay;
  for (const std::string& generated : traffic.outputs) {
    const std::string output = generator::WithoutRiskEvents(generated);
    const auto partition = static_cast<int32_t>(input.partitions.size());
    input.partitions.push_back(generator::Lines(output));
    input.ends[partition] = static_cast<int64_t>(input.partitions.back().size());
    replay.paths.push_back(folder.Write("part-" + std::to_string(replay.paths.size()), output));
  }
  replay.now = kEndOfTime - 365 * kDay;
  std::FILE* out = std::fopen(folder.Path("out").c_str(), "w");
  std::FILE* err = std::fopen(folder.Path("err").c_str(), "w");
  EXPECT_EQ(replay::RunReplay({}, replay, out, err), 0);
  std::fclose(out);
  std::fclose(err);
  for (const std::string& line : generator::Lines(ReadWholeFile(folder.Path("out")))) {
    input.expected.push_back(ComparableTicket(line));
  }
  std::sort(input.expected.begin(), input.expected.end());
  input.records = Json::parse(ReadWholeFile(folder.Path("err")))["records"].get<uint64_t>();
  return input;
}

}  // namespace

std::string ComparableTicket(const std::string& text) {
  Json ticket = Json::parse(text);
  for (const char* key : {"ticket_id", "revision", "reason", "opened_at", "resolved_at",
                          "continues", "merged_into"}) {
    ticket.erase(key);
  }
  ticket["parent_ticket_id"] = !ticket["parent_ticket_id"].is_null();
  return ticket.dump();
}

const PipelineInput& TheInput() {
  static const PipelineInput input = MakeInput();
  return input;
}

config::Config PipelineTestConfig() {
  config::Config config;
  config.detection.time.idle_timeout = milliseconds(20);
  config.serve.kafka.topics = {FakeSource::kTopic};
  config.serve.pipeline.parse_threads = 2;
  config.serve.pipeline.commit_interval = milliseconds(5);
  config.serve.pipeline.commit_signals = 300;
  return config;
}

std::map<std::string, store::TicketRevision> LastRevisions(
    const std::vector<store::TicketRevision>& revisions) {
  std::map<std::string, store::TicketRevision> last;
  for (const store::TicketRevision& revision : revisions)
    last[revision.ticket.ticket_id] = revision;
  return last;
}

std::map<std::string, store::TicketRevision> LastRevisions(const MemoryStore& store) {
  return LastRevisions(store.revisions());
}

std::vector<std::string> FinalTickets(const MemoryStore& store) {
  return FinalTickets(store.revisions());
}

std::vector<std::string> FinalTickets(const std::vector<store::TicketRevision>& revisions) {
  std::vector<std::string> tickets;
  for (const auto& [id, revision] : LastRevisions(revisions)) {
    if (revision.ticket.state == TicketState::kMerged) continue;
    EXPECT_EQ(revision.ticket.state, TicketState::kResolved) << id;
    tickets.push_back(ComparableTicket(revision.json));
  }
  std::sort(tickets.begin(), tickets.end());
  return tickets;
}

}  // namespace signinwatch::pipeline
