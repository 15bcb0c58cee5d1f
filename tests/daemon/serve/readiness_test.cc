#include "daemon/serve/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/daemon/noon.h"

namespace signinwatch::serve {
namespace readiness_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() {
    source_.brokers.push_back({.name = "b:9092", .up = true});
    status_.partitions.push_back({.topic = "signins", .partition = 0, .assigned = true});
  }
  std::vector<std::string> Reasons() {
    return pipeline::SentencesOf(NotReady(inputs_, status_, source_));
  }

  ReadinessInputs inputs_{
      .stopping = false, .failure = {}, .commit_problem = {}, .group = "signinwatch"};
  pipeline::ServeStatus status_;
  kafka::SourceFacts source_;
};

TEST_F(ReadinessTest, ReadyWhenPartitionsAreRead) { EXPECT_THAT(Reasons(), IsEmpty()); }

TEST_F(ReadinessTest, SaysWhatIsInTheWay) {
  inputs_.commit_problem = "the disk is full";
  EXPECT_THAT(Reasons(), ElementsAre(HasSubstr("the disk is full")));
  EXPECT_EQ(NotReady(inputs_, status_, source_)[0].reason,
            pipeline::Condition::Reason::kNotCommitted);
  inputs_.commit_problem.clear();
  inputs_.stopping = true;
  EXPECT_THAT(Reasons(), ElementsAre(HasSubstr("stopping")));
  inputs_.stopping = false;
  inputs_.failure = absl::DataLossError("the file is damaged");
  EXPECT_THAT(Reasons(), ElementsAre(HasSubstr("the file is damaged")));
}

TEST_F(ReadinessTest, NoBrokerIsTheReasonAndNotThatNothingIsAssigned) {
  status_.partitions[0].assigned = false;
  EXPECT_THAT(Reasons(), ElementsAre(HasSubstr("No partition is assigned")));
  source_.brokers[0].up = false;
  source_.last_error = "connection refused";
  EXPECT_THAT(Reasons(),
              ElementsAre(AllOf(HasSubstr("No Kafka broker"), HasSubstr("connection refused"))));
}

TEST_F(ReadinessTest, AnotherMemberOfTheGroupIsNamedWithWhatToDo) {
  source_.partitions_elsewhere = 2;
  EXPECT_THAT(Reasons(), ElementsAre(AllOf(HasSubstr("2 partitions"), HasSubstr("'signinwatch'"),
                                           HasSubstr("kafka.group"))));
}

TEST(LagTest, IsWhatIsNotFoldedYet) {
  kafka::SourceFacts source;
  source.partitions.push_back({.topic = "signins", .partition = 1, .log_end_offset = 12});
  std::vector<pipeline::PartitionStatus> partitions(1);
  partitions[0].topic = "signins";
  partitions[0].partition = 1;
  partitions[0].next_offset = 10;
  partitions[0].watermark = kNoon - hours(1);
  AddLag(source, minutes(30), kNoon, &partitions);
  EXPECT_EQ(partitions[0].log_end_offset, 12);
  EXPECT_EQ(partitions[0].lag_records, 2);
  EXPECT_DOUBLE_EQ(partitions[0].lag_seconds, 1'800);
}

TEST(LagTest, IsNothingWhenAllIsReadButOfAPausedPartition) {
  kafka::SourceFacts source;
  source.partitions.push_back({.topic = "signins", .partition = 0, .log_end_offset = 10});
  std::vector<pipeline::PartitionStatus> partitions(1);
  partitions[0].topic = "signins";
  partitions[0].next_offset = 11;  // the statistics are older
  partitions[0].watermark = kNoon - hours(9);
  AddLag(source, minutes(30), kNoon, &partitions);
  EXPECT_EQ(partitions[0].lag_records, 0);
  EXPECT_EQ(partitions[0].lag_seconds, 0);
  partitions[0].paused = true;
  AddLag(source, minutes(30), kNoon, &partitions);
  EXPECT_DOUBLE_EQ(partitions[0].lag_seconds, 8.5 * 3'600);
}

// A partition that had been read to its end before it was paused showed a lag of 0 for as long as
// that lasted.
TEST(LagTest, OfAPausedPartitionIsTrueAlsoWhereItsEndWasSeenBefore) {
  kafka::SourceFacts source;
  source.partitions.push_back({.topic = "signins", .partition = 0, .log_end_offset = 40});
  std::vector<pipeline::PartitionStatus> partitions(1);
  partitions[0].topic = "signins";
  partitions[0].next_offset = 10;
  partitions[0].at_end = partitions[0].paused = true;
  partitions[0].watermark = kNoon - hours(1);
  AddLag(source, minutes(30), kNoon, &partitions);
  EXPECT_EQ(partitions[0].lag_records, 30);
  EXPECT_DOUBLE_EQ(partitions[0].lag_seconds, 1'800);
}

TEST(LagTest, IsNothingAtTheEndAndUnknownWhereNothingIsKnown) {
  std::vector<pipeline::PartitionStatus> partitions(1);
  partitions[0].topic = "signins";
  partitions[0].at_end = true;
  partitions[0].watermark = kNoon - hours(9);
  AddLag({}, minutes(30), kNoon, &partitions);
  EXPECT_EQ(partitions[0].lag_records, -1);
  EXPECT_EQ(partitions[0].lag_seconds, 0);
}

TEST(UnusedTopicsTest, AreSaidAfterTheTimeThatTheConfigurationNames) {
  std::vector<pipeline::TopicStatus> topics(2);
  topics[0].topic = "entra-logs";
  topics[0].unused_since = kNoon - hours(1);
  topics[0].unused = 5'000;
  topics[0].shape = "CSV";
  topics[0].advice = "export the log as JSON";
  topics[1].topic = "signins";  // the last record was of use
  EXPECT_THAT(pipeline::SentencesOf(UnusedTopics(hours(1) + Duration(1), kNoon, &topics)),
              IsEmpty());
  EXPECT_FALSE(topics[0].irrelevant_for_long);
  EXPECT_THAT(pipeline::SentencesOf(UnusedTopics(hours(1), kNoon, &topics)),
              testing::ElementsAre(
                  "Nothing in topic entra-logs is of use: none of the last 5000 records, since " +
                  FormatEventTime(kNoon - hours(1)).substr(0, 16) +
                  " UTC. They look like CSV: export the log as JSON."));
  EXPECT_TRUE(topics[0].irrelevant_for_long);
  EXPECT_FALSE(topics[1].irrelevant_for_long);
}

TEST(LostInPartitionsTest, SaysWhatStandsAndForAnHourWhatWasSteppedPast) {
  std::vector<pipeline::PartitionStatus> partitions(2);
  for (int32_t i = 0; i < 2; ++i) {
    partitions[i].topic = "signins";
    partitions[i].partition = i;
  }
  kafka::SourceFacts source;
  source.partitions = {{.topic = "signins", .partition = 0}, {.topic = "signins", .partition = 1}};
  EXPECT_THAT(pipeline::SentencesOf(LostInPartitions(source, kNoon, &partitions)), IsEmpty());

  source.partitions[1].unreadable = kafka::UnreadableReason::kCorrupt;
  partitions[1].next_offset = 17;
  EXPECT_THAT(pipeline::SentencesOf(LostInPartitions(source, kNoon, &partitions)),
              testing::ElementsAre("Topic signins, partition 1: the batch at offset 17 can't be "
                                   "read (corrupt). It is retried, then skipped."));
  EXPECT_EQ(partitions[0].stands_at, "");
  EXPECT_EQ(partitions[1].stands_at, "corrupt");

  source.partitions[1].unreadable.reset();
  partitions[1].stands_at.clear();
  partitions[0].stepped_past = {
      .batches = 2, .from = 5, .to = 705, .reason = "compression", .at = kNoon};
  partitions[1].made_anew = 1;
  partitions[1].made_anew_at = kNoon;
  const std::string noon = FormatEventTime(kNoon).substr(0, 16);
  EXPECT_THAT(pipeline::SentencesOf(
                  LostInPartitions(source, kNoon + kLossShown - Duration(1), &partitions)),
              testing::ElementsAre(
                  "Topic signins, partition 0: 2 batches since the start can't be read and were "
                  "skipped, the last at " +
                      noon + " UTC, offsets 5 to 704 (compression).",
                  "Topic signins, partition 1 was recreated, seen at " + noon +
                      " UTC: it is read from its start."));
  EXPECT_THAT(pipeline::SentencesOf(LostInPartitions(source, kNoon + kLossShown, &partitions)),
              IsEmpty());
}

}  // namespace readiness_test
}  // namespace signinwatch::serve
