// The labels are true: the pipeline finds exactly the planted tickets in the generated traffic.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "daemon/generator/generate.h"
#include "daemon/words/ticket_json.h"
#include "detectors/config.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"
#include "tests/daemon/generator/traffic.h"
#include "tests/stories/detection_run.h"

namespace signinwatch::generator {
namespace labels_test {

using Json = nlohmann::json;

constexpr const char* kFields[] = {
    "detector",    "tenant_id",         "user_id",          "cause",
    "severity",    "findings",          "first_event_time", "last_event_time",
    "event_count", "total_event_count", "reopened",         "resolution"};

// `context`: what a label says of a user ticket's, null for others.
std::string Line(const Json& from, bool parent, const Json& context) {
  Json line;
  for (const char* field : kFields) line[field] = from.at(field);
  line["parent"] = parent;
  line["context"] = context;
  return line.dump();
}

// The same of a ticket.
Json ContextOf(const Json& ticket) {
  if (ticket.at("scope") != "user") return nullptr;
  const Json& context = ticket.at("context");
  std::set<std::string> methods;
  for (const Json& method : context.at("mfa").at("methods")) methods.insert(method.at("value"));
  return {{"mfa_methods", methods},
          {"blocked", context.at("conditional_access").at("failure")},
          {"failing_policies", context.at("conditional_access").at("failing_policies_total")},
          {"sessions_elsewhere", context.at("sessions_elsewhere").size()},
          {"risk_events", context.at("risk").at("events").size()},
          {"security_info_changes", context.at("security_info_changes").size()},
          {"policy_changes", context.at("policy_changes").size()},
          {"home_tenant", !context.at("home_tenant_id").is_null()}};
}

std::vector<std::string> Expected(const std::string& labels) {
  std::vector<std::string> expected;
  for (const std::string& line : Lines(labels)) {
    const Json label = Json::parse(line);
    if (label.at("cause") == "none") {
      EXPECT_TRUE(label.at("detector").is_null());
      continue;
    }
    expected.push_back(Line(label, label.at("parent").get<bool>(), label.value("context", Json())));
  }
  return expected;
}

struct Found {
  std::vector<std::string> tickets;
  RunCounts counts;
};

Found Detect(const Traffic& traffic) {
  const size_t partitions = traffic.outputs.size();
  DetectionRun run(DetectionConfig{}, ParserOptions{},
                   std::chrono::sys_days(std::chrono::year(2030) / 1 / 1), partitions);
  std::vector<std::vector<std::string>> lines;
  for (const std::string& output : traffic.outputs) lines.push_back(Lines(output));
  std::vector<size_t> next(partitions);
  for (size_t i = run.NextPartition(); i < partitions; i = run.NextPartition()) {
    if (next[i] == lines[i].size()) {
      run.EndPartition(i);
    } else {
      run.Read(i, lines[i][next[i]++]);
    }
  }
  run.Finish();
  Found found{.tickets = {}, .counts = run.counts()};
  for (const Ticket& ticket : run.FinalTickets()) {
    const Json written = Json::parse(words::TicketToJson(ticket));
    found.tickets.push_back(
        Line(written, !written.at("parent_ticket_id").is_null(), ContextOf(written)));
  }
  return found;
}

void ExpectLabelsHold(const GenerateOptions& options, size_t tickets_min) {
  const Traffic traffic = Generate(options);
  ASSERT_EQ(traffic.exit_code, 0) << traffic.messages;
  const std::vector<std::string> expected = Expected(traffic.labels);
  EXPECT_GE(expected.size(), tickets_min);
  const Found found = Detect(traffic);
  EXPECT_THAT(found.tickets, testing::UnorderedElementsAreArray(expected));
  EXPECT_EQ(found.counts.rejected, 0U);
  EXPECT_EQ(found.counts.late, 0U);
  EXPECT_EQ(found.counts.records, found.counts.accepted + found.counts.irrelevant);
  EXPECT_GT(found.counts.duplicates, 0U);
}

GenerateOptions PlantedTraffic() {
  GenerateOptions options = SmallTraffic();
  options.scenarios = true;
  return options;
}

TEST(LabelsTest, OneDayOfThreeTenants) { ExpectLabelsHold(PlantedTraffic(), 30); }

TEST(LabelsTest, FourDaysOfOneTenantInPartitions) {
  GenerateOptions options = PlantedTraffic();
  options.seed = 7;
  options.tenants = 1;
  options.duration = 4 * kDay;
  options.partitions = 5;
  ExpectLabelsHold(options, 120);
}

TEST(LabelsTest, SeveralSetsOfScenariosAsLines) {
  GenerateOptions options = PlantedTraffic();
  options.seed = 11;
  options.tenants = 9;
  options.records = 20'000;
  options.layout = "lines";
  options.partitions = 2;
  ExpectLabelsHold(options, 60);
}

TEST(LabelsTest, TwoDaysByOtherSeeds) {
  for (const uint64_t seed : {21, 22, 23}) {
    GenerateOptions options = PlantedTraffic();
    options.seed = seed;
    options.tenants = 2;
    options.duration = 2 * kDay;
    options.partitions = 3;
    options.records = 500;
    ExpectLabelsHold(options, 60);
  }
}

TEST(LabelsTest, BackgroundAloneGivesNoTicket) {
  GenerateOptions options = SmallTraffic();
  options.duration = 3 * kDay;
  options.users = 60;
  const Traffic traffic = Generate(options);
  EXPECT_TRUE(traffic.labels.empty());
  EXPECT_THAT(Detect(traffic).tickets, testing::IsEmpty());
}

}  // namespace labels_test
}  // namespace signinwatch::generator
