#include "daemon/pipeline/topic_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/noon.h"

namespace signinwatch::pipeline {
namespace topic_health_test {

using std::chrono::minutes;

ParsedMessage MessageOf(size_t accepted, size_t rejected, size_t irrelevant) {
  ParsedMessage message;
  message.signals.resize(accepted);
  message.rejects.resize(rejected);
  message.records = accepted + rejected + irrelevant;
  return message;
}

TEST(TopicHealthTest, CountsSinceTheLastRecordThatWasOfUse) {
  TopicHealth health;
  const shape::MessageShape csv{.name = "CSV", .advice = "export the log as JSON"};
  health.Note("t", MessageOf(1, 0, 1), nullptr, kNoon);
  EXPECT_EQ(health.statuses()[0].unused_since, kBeginningOfTime);
  health.Note("t", MessageOf(0, 2, 0), &csv, kNoon + minutes(1));
  health.Note("t", MessageOf(0, 0, 5), nullptr, kNoon + minutes(2));
  TopicStatus status = health.statuses()[0];
  EXPECT_EQ(status.topic, "t");
  EXPECT_EQ(status.records, 9u);
  EXPECT_EQ(status.accepted, 1u);
  EXPECT_EQ(status.rejected, 2u);
  EXPECT_EQ(status.irrelevant, 6u);
  EXPECT_EQ(status.unused_since, kNoon + minutes(1));
  EXPECT_EQ(status.unused, 7u);
  EXPECT_EQ(status.shape, "CSV");
  EXPECT_EQ(status.advice, "export the log as JSON");
  health.Note("t", MessageOf(1, 3, 3), &csv, kNoon + minutes(3));
  status = health.statuses()[0];
  EXPECT_EQ(status.unused_since, kBeginningOfTime);
  EXPECT_EQ(status.unused, 0u);
  EXPECT_EQ(status.shape, "");
}

TEST(TopicHealthTest, EachTopicHasItsOwn) {
  TopicHealth health;
  health.Note("good", MessageOf(1, 0, 0), nullptr, kNoon);
  health.Note("bad", MessageOf(0, 0, 1), nullptr, kNoon);
  health.Note("empty", MessageOf(0, 0, 0), nullptr, kNoon);
  const auto statuses = health.statuses();
  ASSERT_EQ(statuses.size(), 2u);
  EXPECT_EQ(statuses[0].topic, "bad");
  EXPECT_EQ(statuses[0].unused_since, kNoon);
  EXPECT_EQ(statuses[1].topic, "good");
  EXPECT_EQ(statuses[1].unused_since, kBeginningOfTime);
}

TEST(TopicHealthTest, ABatchThatCanNotBeReadIsARejectedRecord) {
  TopicHealth health;
  health.NoteUnreadable("t");
  const TopicStatus status = health.statuses().at(0);
  EXPECT_EQ(status.records, 1u);
  EXPECT_EQ(status.rejected, 1u);
  EXPECT_EQ(status.unused_since, kBeginningOfTime) << "what it held is not known";
}

}  // namespace topic_health_test
}  // namespace signinwatch::pipeline
