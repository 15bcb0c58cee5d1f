// What a receiver gets, revision by revision, of some records that once went wrong (SPEC 7).
//
// revisions/NAME.0.jsonl, NAME.1.jsonl, ... hold the records, each file a partition, read as replay
// does it. revisions/NAME.expected.json holds
//   "story"      what happened, and why this is what is sent;
//   "revisions"  every revision in the order of sending: a letter for the ticket (A is the first
//                that was sent), its detector, its revision and reason, and the tickets that it
//                names: parent=, continues=, into=. One that was not sent before would be `?`.
// revisions/NAME.config.yaml is the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"
#include "tests/stories/detection_run.h"

namespace signinwatch {
namespace revisions_test {

using Json = nlohmann::json;
namespace fs = std::filesystem;

const EventTime kRevisedBefore = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);
constexpr const char* kExpected = ".expected.json";

fs::path Folder() { return fs::path(SIGNINWATCH_SOURCE_DIR) / "tests/stories/revisions"; }

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(Folder())) {
    const std::string file = entry.path().filename();
    if (file.ends_with(kExpected)) {
      names.push_back(file.substr(0, file.size() - std::string_view(kExpected).size()));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::vector<std::string>> Partitions(const std::string& name) {
  std::vector<std::vector<std::string>> partitions;
  for (size_t i = 0;; ++i) {
    std::ifstream in(Folder() / (name + "." + std::to_string(i) + ".jsonl"));
    if (!in.is_open()) return partitions;
    auto& lines = partitions.emplace_back();
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
}

std::unique_ptr<DetectionRun> Replayed(const std::string& name) {
  const config::ConfigResult config = config::LoadConfigFile(Folder() / (name + ".config.yaml"));
  for (const std::string& error : config.errors) ADD_FAILURE() << error;
  const std::vector<std::vector<std::string>> partitions = Partitions(name);
  auto run = std::make_unique<DetectionRun>(config.config->detection, config.config->parser,
                                            kRevisedBefore, partitions.size());
  std::vector<size_t> next(partitions.size());
  for (size_t p = run->NextPartition(); p < partitions.size(); p = run->NextPartition()) {
    if (next[p] < partitions[p].size()) {
      run->Read(p, partitions[p][next[p]++]);
    } else {
      run->EndPartition(p);
    }
  }
  run->Finish();
  return run;
}

std::vector<std::string> Lines(const std::vector<Ticket>& revisions) {
  std::map<std::string, char> letters;
  const auto named = [&letters](const char* field, const std::string& id) {
    if (id.empty()) return std::string();
    return std::string(" ") + field + "=" + (letters.contains(id) ? letters[id] : '?');
  };
  std::vector<std::string> lines;
  for (const Ticket& ticket : revisions) {
    const std::string names = named("parent", ticket.parent_ticket_id) +
                              named("continues", ticket.continues) +
                              named("into", ticket.merged_into);
    const char letter =
        letters.try_emplace(ticket.ticket_id, static_cast<char>('A' + letters.size()))
            .first->second;
    lines.push_back(std::string(1, letter) + " " + ticket.detector + " " +
                    std::to_string(ticket.revision) + " " + RevisionReasonName(ticket.reason) +
                    names);
  }
  return lines;
}

class RevisionsTest : public testing::TestWithParam<std::string> {};

TEST_P(RevisionsTest, AreSentAsTold) {
  std::ifstream in(Folder() / (GetParam() + kExpected));
  const Json told = Json::parse(in);
  const std::unique_ptr<DetectionRun> run = Replayed(GetParam());
  EXPECT_EQ(Lines(run->revisions()), told.at("revisions").get<std::vector<std::string>>())
      << told.at("story");
  EXPECT_EQ(run->counts().rejected, 0u);
}

INSTANTIATE_TEST_SUITE_P(Stories, RevisionsTest, testing::ValuesIn(Names()),
                         [](const auto& story) { return story.param; });

}  // namespace revisions_test
}  // namespace signinwatch
