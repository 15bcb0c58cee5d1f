// What RunGenerate hands to a sink of its caller.
#include "daemon/generator/message_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/generator/generate.h"
#include "tests/daemon/generator/traffic.h"

namespace signinwatch::generator {
namespace message_sink_test {

struct Sent {
  std::string message;
  uint32_t partition;
  EventTime exported_at;
};

class CollectingSink : public MessageSink {
 public:
  bool Send(std::string_view message, uint32_t partition, EventTime exported_at) override {
    EXPECT_FALSE(closed);
    sent.push_back({std::string(message), partition, exported_at});
    bytes_ += message.size();
    if (sent.size() == fail_at) failure = "the disk is full";
    return failure.empty() && sent.size() < enough_at;
  }
  void Close() override {
    EXPECT_FALSE(closed);
    closed = true;
  }
  [[nodiscard]] std::string error() const override { return failure; }
  [[nodiscard]] uint64_t bytes() const override { return bytes_; }

  size_t fail_at = SIZE_MAX, enough_at = SIZE_MAX;
  std::string failure;
  bool closed = false;
  std::vector<Sent> sent;

 private:
  uint64_t bytes_ = 0;
};

struct Outcome {
  int exit_code = 0;
  std::string messages;
};

Outcome GenerateInto(CollectingSink* sink, const GenerateOptions& options) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* err = open_memstream(&text, &size);
  Outcome run;
  run.exit_code = RunGenerate(options, sink, err);
  std::fclose(err);
  run.messages.assign(text, size);
  std::free(text);
  return run;
}

TEST(MessageSinkTest, GetsWhatTheFilesGet) {
  for (const char* layout : {"batches", "lines"}) {
    GenerateOptions options = SmallTraffic();
    options.partitions = 3;
    options.layout = layout;
    CollectingSink sink;
    EXPECT_EQ(GenerateInto(&sink, options).exit_code, 0);
    EXPECT_TRUE(sink.closed);
    std::vector<std::vector<std::string>> messages(3);
    for (const Sent& sent : sink.sent) messages.at(sent.partition).push_back(sent.message);
    const Traffic files = Generate(options);
    for (size_t i = 0; i < messages.size(); ++i) {
      EXPECT_FALSE(messages[i].empty()) << layout;
      EXPECT_TRUE(messages[i] == Lines(files.outputs[i])) << layout << i;
    }
  }
}

TEST(MessageSinkTest, ExportsComeInOrderAndAfterTheirRecords) {
  GenerateOptions options = SmallTraffic();
  options.scenarios = true;
  CollectingSink sink;
  EXPECT_EQ(GenerateInto(&sink, options).exit_code, 0);
  EventTime last = options.start;
  for (const Sent& sent : sink.sent) {
    EXPECT_GE(sent.exported_at, last);
    last = sent.exported_at;
    const auto message = nlohmann::json::parse(sent.message);
    for (const auto& record : message.at("records")) {
      const auto& properties = record.at("properties");
      for (const char* field : {"createdDateTime", "activityDateTime"}) {
        if (!properties.contains(field)) continue;
        const auto time = ParseEventTime(properties.at(field).get<std::string>());
        ASSERT_TRUE(time) << record;
        EXPECT_LT(*time, sent.exported_at);
        // Entra finds risks hours later.
        if (record.at("category") == "UserRiskEvents") continue;
        EXPECT_GT(*time, sent.exported_at - std::chrono::minutes(30));
      }
    }
  }
  EXPECT_GT(last, options.start + options.duration - std::chrono::hours(1));
}

TEST(MessageSinkTest, OneThatWantsNoMoreEndsTheTraffic) {
  CollectingSink sink;
  sink.enough_at = 5;
  const Outcome run = GenerateInto(&sink, SmallTraffic());
  EXPECT_EQ(run.exit_code, 0) << run.messages;
  EXPECT_EQ(sink.sent.size(), 5U);
  EXPECT_TRUE(sink.closed);
}

TEST(MessageSinkTest, ItsErrorIsTheResult) {
  CollectingSink sink;
  sink.fail_at = 3;
  const Outcome run = GenerateInto(&sink, SmallTraffic());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(sink.sent.size(), 3U);
  EXPECT_EQ(run.messages, "the disk is full\n");

  CollectingSink broken;
  broken.failure = "no such disk";
  const Outcome refused = GenerateInto(&broken, SmallTraffic());
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.messages, "no such disk\n");
  EXPECT_TRUE(broken.sent.empty());
}

}  // namespace message_sink_test
}  // namespace signinwatch::generator
