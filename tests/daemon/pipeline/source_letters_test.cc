#include "daemon/pipeline/source_letters.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/daemon/noon.h"

namespace signinwatch::pipeline {
namespace source_letters_test {

const PartitionTable::Partition kPartition{.topic = "sign-ins", .partition = 3, .stepped_past = {}};

TEST(SourceLettersTest, UnreadableSaysItsOffsets) {
  const json::DeadLetter letter =
      UnreadableLetter({.kind = kafka::PartitionEvent::Kind::kUnreadable,
                        .offset = 40,
                        .gap_end = 60,
                        .topic = "sign-ins",
                        .reason = kafka::UnreadableReason::kCorrupt},
                       kPartition);
  EXPECT_EQ(letter.reason, "unreadable");
  EXPECT_EQ(letter.detail, "offsets 40 to 59: corrupt");
  EXPECT_EQ(letter.source, "sign-ins");
  EXPECT_EQ(letter.partition, 3u);
  EXPECT_EQ(letter.position, 40u);
  EXPECT_EQ(letter.payload, "");
}

// Each message's bytes are its own, whether or not those of the one before were wanted.
TEST(SourceLettersTest, RejectedRecordsKeepTheirBytes) {
  const std::vector<std::string> payloads = {R"({"records":[{"category":"SignInLogs"},5]})", "{"};
  for (const bool first_is_wanted : {true, false}) {
    Batch batch;
    for (size_t i = 0; i < payloads.size(); ++i) {
      batch.input.messages.push_back({.payload = payloads[i],
                                      .offset = static_cast<int64_t>(7 + i),
                                      .broker_time = kNoon,
                                      .handle = nullptr});
    }
    MessageParser parser(ParserOptions{});
    batch.Parse(parser, /*unwrap=*/false);
    const std::vector<json::DeadLetter> first =
        TakeRejectedLetters(batch, 0, kPartition, first_is_wanted);
    ASSERT_EQ(first.size(), first_is_wanted ? 2u : 0u);
    if (first_is_wanted) {
      EXPECT_EQ(first[0].payload, R"({"category":"SignInLogs"})");
      EXPECT_EQ(first[1].payload, "5");
      EXPECT_EQ(first[1].position, 7u);
      EXPECT_EQ(BytesOf(first[1]), sizeof(json::DeadLetter) + 1);
    }
    const std::vector<json::DeadLetter> second = TakeRejectedLetters(batch, 1, kPartition, true);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].payload, "{");
    EXPECT_EQ(second[0].position, 8u);
    EXPECT_EQ(second[0].source, "sign-ins");
  }
}

}  // namespace source_letters_test
}  // namespace signinwatch::pipeline
