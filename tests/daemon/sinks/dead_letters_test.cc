// Dead letters to a file, a topic and both, with each of them failing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "daemon/json/dead_letter.h"
#include "daemon/sinks/buffered_dead_letters.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/sinks/dead_letter_topic.h"
#include "tests/daemon/sinks/fake_producer.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace dead_letters_test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

const json::DeadLetter kLetter{"no_time",  "neither createdDateTime nor time", "signins", 3, 41,
                               "{\"a\":1}"};
const char kLine[] =
    R"({"reason":"no_time","detail":"neither createdDateTime nor time","source":"signins",)"
    R"("partition":3,"position":41,"payload_base64":"eyJhIjoxfQ=="})"
    "\n";

TEST(DeadLetterLine, IsJsonWhateverThePayload) {
  std::string line = "{}\n";
  json::AppendDeadLetterLine({.reason = "not_json",
                              .detail = "a \"quote\"",
                              .source = "p\xff",
                              .partition = 1,
                              .position = 18'446'744'073'709'551'615u,
                              .payload = std::string("\0\n\xff", 3)},
                             &line);
  EXPECT_EQ(line,
            "{}\n{\"reason\":\"not_json\",\"detail\":\"a \\\"quote\\\"\",\"source\":\"p\\ufffd\","
            "\"partition\":1,\"position\":18446744073709551615,\"payload_base64\":\"AAr/\"}\n");
}

class DeadLettersTest : public testing::Test {
 protected:
  void Make(bool file, bool topic, size_t bytes_max = BufferedDeadLetters::kBytesMax) {
    std::unique_ptr<DeadLetterTopic> to_topic;
    if (topic) {
      auto producer = std::make_unique<FakeProducer>();
      producer_ = producer.get();
      to_topic =
          std::make_unique<DeadLetterTopic>(std::move(producer), "dead", clock::SystemClock());
    }
    letters_ = std::make_unique<BufferedDeadLetters>(
        file ? std::make_unique<LineFile>(LineFile::Options{.path = path_}) : nullptr,
        std::move(to_topic), bytes_max);
  }
  absl::Status Write(const std::string& payload) {
    json::DeadLetter letter = kLetter;
    letter.payload = payload;
    return letters_->Write(letter);
  }
  [[nodiscard]] size_t Lines() const {
    const std::string text = ReadWholeFile(path_);
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("sub/dead.jsonl");
  FakeProducer* producer_ = nullptr;
  std::unique_ptr<BufferedDeadLetters> letters_;

  void SetUp() override { std::filesystem::create_directory(folder_.Path("sub")); }
};

TEST_F(DeadLettersTest, WritesLines) {
  Make(true, false);
  ASSERT_TRUE(letters_->Write(kLetter).ok());
  EXPECT_EQ(ReadWholeFile(path_), "");
  ASSERT_TRUE(letters_->Flush(seconds(1)).ok());
  EXPECT_EQ(ReadWholeFile(path_), kLine);
  ASSERT_TRUE(letters_->Flush(seconds(1)).ok());
  EXPECT_EQ(ReadWholeFile(path_), kLine);
}

TEST_F(DeadLettersTest, ProducesTheOriginalBytesWithHeaders) {
  Make(false, true);
  ASSERT_TRUE(letters_->Write(kLetter).ok());
  ASSERT_TRUE(letters_->Flush(seconds(1)).ok());
  ASSERT_EQ(producer_->taken().size(), 1u);
  const FakeProducer::Message& message = producer_->taken()[0];
  EXPECT_EQ(message.topic, "dead");
  EXPECT_EQ(message.key, "");
  EXPECT_EQ(message.value, "{\"a\":1}");
  EXPECT_THAT(
      message.headers,
      UnorderedElementsAre(
          Pair("__connect.errors.topic", "signins"), Pair("__connect.errors.partition", "3"),
          Pair("__connect.errors.offset", "41"),
          Pair("__connect.errors.exception.message", "no_time: neither createdDateTime nor time"),
          Pair("signinwatch.reason", "no_time"),
          Pair("signinwatch.detail", "neither createdDateTime nor time")));
}

TEST_F(DeadLettersTest, SendsTheFirstPartOfWhatIsTooLarge) {
  Make(false, true);
  producer_->decide = [](const FakeProducer::Message& message) {
    return message.value.size() > 10'000 ? absl::InvalidArgumentError("too large")
                                         : absl::OkStatus();
  };
  const std::string large = std::string(8'000, 'a') + std::string(22'001, 'b');
  ASSERT_TRUE(Write("small").ok());
  ASSERT_TRUE(Write(large).ok());
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  ASSERT_EQ(producer_->taken().size(), 2u);
  EXPECT_EQ(producer_->taken()[0].value, "small");
  EXPECT_EQ(producer_->taken()[1].value, large.substr(0, 7'500));
  EXPECT_EQ(producer_->taken()[1].headers.at("signinwatch.truncated"), "30001");
}

TEST_F(DeadLettersTest, CutsNothingWhenOnlyTheBatchIsTooLarge) {
  Make(false, true);
  size_t asked = 0;
  // The first two travel together.
  producer_->decide = [&](const FakeProducer::Message&) {
    return ++asked <= 2 ? absl::InvalidArgumentError("too large") : absl::OkStatus();
  };
  ASSERT_TRUE(Write(std::string(5'000, 'a')).ok());
  ASSERT_TRUE(Write(std::string(5'000, 'b')).ok());
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  ASSERT_EQ(producer_->taken().size(), 2u);
  for (const FakeProducer::Message& message : producer_->taken()) {
    EXPECT_EQ(message.value.size(), 5'000u);
    EXPECT_EQ(message.headers.count("signinwatch.truncated"), 0u);
  }
}

TEST_F(DeadLettersTest, ARefusalThatIsNotAboutSizeKeepsTheLetterWhole) {
  Make(false, true);
  producer_->decide = [](const FakeProducer::Message&) {
    return absl::InvalidArgumentError("a compacted topic wants keys");
  };
  ASSERT_TRUE(Write(std::string(5'000, 'a')).ok());
  EXPECT_EQ(letters_->Flush(seconds(10)).code(), absl::StatusCode::kInvalidArgument);
  producer_->decide = [](const FakeProducer::Message&) { return absl::OkStatus(); };
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  ASSERT_EQ(producer_->taken().size(), 1u);
  EXPECT_EQ(producer_->taken()[0].value.size(), 5'000u);
}

TEST_F(DeadLettersTest, KeepsWhatTheBrokerHasNotTaken) {
  Make(true, true);
  producer_->decide = [](const FakeProducer::Message& message) {
    return message.value == "bad" ? absl::UnavailableError("timed out") : absl::OkStatus();
  };
  ASSERT_TRUE(Write("good").ok());
  ASSERT_TRUE(Write("bad").ok());
  EXPECT_EQ(letters_->Flush(seconds(10)).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(letters_->Flush(seconds(10)).code(), absl::StatusCode::kUnavailable);
  producer_->decide = [](const FakeProducer::Message&) { return absl::OkStatus(); };
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  // Neither place has one twice.
  ASSERT_EQ(producer_->taken().size(), 2u);
  EXPECT_EQ(producer_->taken()[1].value, "bad");
  EXPECT_EQ(Lines(), 2u);
}

TEST_F(DeadLettersTest, DoesNotSendAgainWhatIsUnderWay) {
  Make(false, true);
  producer_->answers = false;
  ASSERT_TRUE(Write("slow").ok());
  EXPECT_EQ(letters_->Flush(milliseconds(1)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(letters_->Flush(milliseconds(1)).code(), absl::StatusCode::kDeadlineExceeded);
  producer_->answers = true;
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  EXPECT_EQ(producer_->produced(), 1u);
}

TEST_F(DeadLettersTest, WaitsForRoomInTheQueue) {
  Make(false, true);
  producer_->queue_max = 2;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Write(std::to_string(i)).ok());
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  EXPECT_EQ(producer_->taken().size(), 20u);
}

TEST_F(DeadLettersTest, AFileThatFailsDoesNotHoldUpTheTopic) {
  Make(true, true);
  std::filesystem::remove_all(folder_.Path("sub"));
  ASSERT_TRUE(letters_->Write(kLetter).ok());
  EXPECT_FALSE(letters_->Flush(seconds(10)).ok());
  EXPECT_EQ(producer_->taken().size(), 1u);
  std::filesystem::create_directory(folder_.Path("sub"));
  ASSERT_TRUE(letters_->Flush(seconds(10)).ok());
  EXPECT_EQ(producer_->taken().size(), 1u);
  EXPECT_EQ(Lines(), 1u);
}

TEST_F(DeadLettersTest, FlushesByItselfWhenFull) {
  Make(true, false, 3'000);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Write(std::string(1'000, 'x')).ok());
  EXPECT_GT(Lines(), 5u);
  // One that is larger than the bound is taken all the same.
  ASSERT_TRUE(Write(std::string(10'000, 'x')).ok());
  // Full, and no way to get rid of anything: the letter is not taken, and can be given again.
  std::filesystem::remove_all(folder_.Path("sub"));
  EXPECT_FALSE(letters_->Write(kLetter).ok());
  EXPECT_FALSE(letters_->Write(kLetter).ok());
  std::filesystem::create_directory(folder_.Path("sub"));
  ASSERT_TRUE(letters_->Write(kLetter).ok());
  ASSERT_TRUE(letters_->Flush(seconds(1)).ok());
  EXPECT_THAT(ReadWholeFile(path_), testing::EndsWith(kLine));
  EXPECT_EQ(Lines(), 2u);
}

TEST_F(DeadLettersTest, LargeNumbersAreWrittenInBlocks) {
  Make(true, false);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Write(std::string(400'000, 'x')).ok());
  ASSERT_TRUE(letters_->Flush(seconds(1)).ok());
  EXPECT_EQ(Lines(), 30u);
}

TEST(MakeDeadLetterSink, MakesWhatIsConfigured) {
  const TemporaryFolder folder;
  config::DeadLetterConfig config;
  absl::StatusOr<std::unique_ptr<DeadLetterSink>> none =
      MakeDeadLetterSink(config, {}, clock::SystemClock(), http_client::NetworkTransports());
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);

  config.path = folder.Path("dead.jsonl");
  config.rotate_bytes = 1;
  absl::StatusOr<std::unique_ptr<DeadLetterSink>> file =
      MakeDeadLetterSink(config, {}, clock::SystemClock(), http_client::NetworkTransports());
  ASSERT_TRUE(file.ok()) << file.status();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE((*file)->Write(kLetter).ok());
    ASSERT_TRUE((*file)->Flush(seconds(1)).ok());
  }
  EXPECT_EQ(ReadWholeFile(config.path), kLine);
  EXPECT_EQ(ReadWholeFile(config.path + ".1"), kLine);

  config.path = folder.Path("no/folder");
  EXPECT_EQ(MakeDeadLetterSink(config, {}, clock::SystemClock(), http_client::NetworkTransports())
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace dead_letters_test
}  // namespace signinwatch::sinks
