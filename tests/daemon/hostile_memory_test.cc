// Messages that were made to take memory: each runs in a process with a limit on its memory, beside
// a real burst, which is found.
//
// What they did before: six messages of 15 MB of "1,1,1,..." reached std::bad_alloc under 5 GB, and
// one of 0.9 MB made 54 MB of dead letters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/replay/replay.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/pipeline/memory_store.h"
#include "tests/daemon/temporary_folder.h"
#include "tests/sanitizer.h"

namespace signinwatch {
namespace hostile_memory_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kBudget = 512 * kMiB;
// Where no limit is set, a tenth shows whether the same paths are sound, in a tenth of the time.
constexpr size_t kMessage = kSanitizedMemory ? size_t{1'500'000} : size_t{15'000'000};

std::string SignIn(const std::string& user, int second, const std::string& id, int code,
                   const std::string& device) {
  char time[40];
  std::snprintf(time, sizeof(time), "2026-03-01T%02d:%02d:%02dZ", second / 3600, second / 60 % 60,
                second % 60);
  return R"({"category":"SignInLogs","tenantId":"contoso","time":")" + std::string(time) +
         R"(","properties":{"id":")" + id + R"(","userId":")" + user +
         R"(","status":{"errorCode":)" + std::to_string(code) +
         R"(},"deviceDetail":{"deviceId":")" + device + R"("}}})";
}

// Twelve failures.
std::vector<std::string> Burst() {
  std::vector<std::string> records;
  for (int i = 0; i < 12; ++i) {
    records.push_back(SignIn("victim", 3600 + 30 * i, "burst" + std::to_string(i), 50132, "phone"));
  }
  return records;
}

struct Hostile {
  const char* name;
  int messages;
  std::function<void(std::string*)> write;  // one message
};

// `begin`, then `piece` again and again, then `end`.
std::function<void(std::string*)> Repeated(const std::string& begin, const std::string& piece,
                                           const std::string& end, size_t bytes = kMessage) {
  return [=](std::string* out) {
    std::string pieces;
    while (pieces.size() < 4096) pieces += piece;
    *out = begin;
    out->reserve(bytes + pieces.size() + end.size());
    while (out->size() < bytes) *out += pieces;
    *out += end;
  };
}

std::function<void(std::string*)> Records(std::function<std::string(int)> record, int count) {
  return [record = std::move(record), count](std::string* out) {
    *out = "[";
    for (int i = 0; i < count; ++i) *out += (i > 0 ? "," : "") + record(i);
    *out += "]";
  };
}

std::string GuidWithOneEnding(int i) {
  char guid[40];
  std::snprintf(guid, sizeof(guid), "%08x-%04x-4000-d6e8-feb86659fd93", i, i & 0xffff);
  return guid;
}

std::vector<Hostile> Inputs() {
  return {
      {"numbers", 6, Repeated("[1", ",1", "]")},
      {"numbers, sixteen times", 16, Repeated("[1", ",1", "]")},
      {"numbers between objects", 6, Repeated("[1", ",{},1", "]")},
      {"rejected records", 4, Repeated("[1", R"(,{"category":"Audit"})", "]")},
      {"arrays in arrays", 4, Repeated("", "[", "")},
      {"objects in objects", 4, Repeated("", R"({"a":)", "")},
      {"a batch that is cut off", 4, Repeated(R"({"records":[{})", ",{}", "")},
      {"a text without an end", 4, Repeated(R"([{"a":")", "x", "")},
      {"invalid UTF-8", 4, Repeated(R"([{"a":")", "\xff", "\"}]")},
      {"long texts", 4,
       Records(
           [](int i) {
             return SignIn("long" + std::to_string(i), 600 + i, std::to_string(i), 50132,
                           std::string(100'000, 'x') + std::to_string(i));
           },
           140)},
      {"ids with one ending", 1,
       Records(
           [](int i) {
             return SignIn(GuidWithOneEnding(i), 600 + i % 60, GuidWithOneEnding(i), 50132, "");
           },
           kSanitizedMemory ? 4'000 : 40'000)},
  };
}

config::Config TestConfig() {
  config::Config config;
  config.memory_bytes = kBudget;
  config::ShareMemory(&config);
  config.serve.pipeline.parse_threads = 4;
  config.serve.pipeline.commit_interval = milliseconds(10);
  config.serve.kafka.topics = {pipeline::FakeSource::kTopic};
  config.detection.time.idle_timeout = milliseconds(20);
  return config;
}

struct Ended {
  int exit_code = -1;
  size_t peak_bytes = 0;  // resident
};

// Runs `body` in a process of its own that can't have more memory.
Ended RunLimited(size_t bytes_max, const std::function<int()>& body) {
  std::fflush(nullptr);
  ::malloc_trim(0);  // what other tests left would count as the child's
  const pid_t child = ::fork();
  if (child == 0) {
    const struct rlimit limit { bytes_max, bytes_max };
    if (!kSanitizedMemory && ::setrlimit(RLIMIT_DATA, &limit) != 0) ::_exit(100);
    ::_exit(body());
  }
  int status = 0;
  struct rusage usage {};
  EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .peak_bytes = static_cast<size_t>(usage.ru_maxrss) * 1024};
}

size_t BytesIn(const std::string& folder) {
  size_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("letters")) bytes += entry.file_size();
  }
  return bytes;
}

class HostileMemoryTest : public testing::TestWithParam<size_t> {
 protected:
  const Hostile hostile_ = Inputs()[GetParam()];
  const TemporaryFolder folder_;
};

TEST_P(HostileMemoryTest, ReplayFindsTheBurst) {
  replay::ReplayOptions options;
  std::string lines;
  for (const std::string& record : Burst()) lines += record + "\n";
  options.paths = {folder_.Write("burst.jsonl", lines)};
  options.now = kEndOfTime - 365 * kDay;
  options.dead_letters = folder_.Path("letters");
  options.parse_threads = 4;
  size_t bytes = 0;
  {
    std::string message;
    hostile_.write(&message);
    bytes = message.size();
    // One file that is read several times at once: each path is a partition.
    const std::string path = folder_.Write("hostile.json", message);
    for (int i = 0; i < std::min(hostile_.messages, 6); ++i) options.paths.push_back(path);
  }
  const Ended outcome = RunLimited(2 * kBudget, [&] {
    std::FILE* out = std::fopen(folder_.Path("out").c_str(), "w");
    std::FILE* err = std::fopen(folder_.Path("err").c_str(), "w");
    const int result = replay::RunReplay(TestConfig(), options, out, err);
    std::fclose(out);
    std::fclose(err);
    return result;
  });
  EXPECT_EQ(outcome.exit_code, 0) << ReadWholeFile(folder_.Path("err"));
  if (!kSanitizedMemory) {
    EXPECT_LT(outcome.peak_bytes, kBudget + 128 * kMiB);
  }
  EXPECT_LT(BytesIn(folder_.Path("")), 12 * bytes * (options.paths.size() - 1));
  EXPECT_THAT(ReadWholeFile(folder_.Path("out")),
              testing::ContainsRegex("\"user_id\":\"victim\".*\"event_count\":12,"));
}

// 0: the burst was found.
int RunPipeline(const Hostile& hostile, const std::string& letters) {
  std::vector<std::vector<std::string>> partitions(2);
  partitions[0] = Burst();
  std::string message;
  hostile.write(&message);
  partitions[1].assign(static_cast<size_t>(hostile.messages), message);
  message = {};
  config::Config config = TestConfig();
  config.serve.dead_letters.path = letters;
  pipeline::MemoryStore store;
  pipeline::FakeSource source(partitions, {},
                              {.seed = 1, .messages_max = 1, .rebalance_chance = 0});
  const auto sink = sinks::MakeDeadLetterSink(config.serve.dead_letters, {}, clock::SystemClock(),
                                              http_client::NetworkTransports());
  if (!sink.ok()) return 10;
  metrics::Metrics metrics;
  pipeline::FoldMetrics fold_metrics(metrics);
  bool failed = false;
  pipeline::Pipeline pipeline({.config = config,
                               .source = source,
                               .store = store,
                               .dead_letters = sink->get(),
                               .memory = pipeline::MemoryGuard(config.memory_bytes),
                               .clock = clock::SystemClock(),
                               .metrics = metrics,
                               .fold_metrics = fold_metrics,
                               .committed = [](const store::StoreCommit&) {},
                               .failed = [&failed](const absl::Status&) { failed = true; }});
  if (!pipeline.Start(store.Restored()).ok()) return 11;
  const auto done = [&] {
    const auto offsets = store.offsets();
    return offsets.size() == 2 && offsets.at(1) == hostile.messages && offsets.at(0) == 12;
  };
  while (!failed && !done()) std::this_thread::sleep_for(milliseconds(5));
  pipeline.Stop(seconds(60));
  if (failed) return 12;
  for (const store::TicketRevision& revision : store.revisions()) {
    if (revision.ticket.user_id == "victim" && revision.ticket.event_count >= 10) return 0;
  }
  return 13;
}

TEST_P(HostileMemoryTest, TheDaemonFindsTheBurst) {
  std::string message;
  hostile_.write(&message);
  const size_t bytes = message.size() * static_cast<size_t>(hostile_.messages);
  message = {};
  // The source that stands for Kafka has the messages in this process's memory.
  const Ended outcome = RunLimited(2 * kBudget + bytes,
                                   [&] { return RunPipeline(hostile_, folder_.Path("letters")); });
  EXPECT_EQ(outcome.exit_code, 0);
  if (!kSanitizedMemory) {
    EXPECT_LT(outcome.peak_bytes, kBudget + bytes);
  }
  EXPECT_LT(BytesIn(folder_.Path("")), 12 * bytes);
}

INSTANTIATE_TEST_SUITE_P(Inputs, HostileMemoryTest, testing::Range(size_t{0}, Inputs().size()),
                         [](const testing::TestParamInfo<size_t>& input) {
                           std::string name;
                           for (const char c : std::string(Inputs()[input.param].name)) {
                             if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
                           }
                           return name;
                         });

// The ratio of what a message makes to what it is.
TEST(DeadLettersTest, OfASmallMessageAreNotFarLargerThanIt) {
  const TemporaryFolder folder;
  for (const auto& write :
       {Repeated("[1", ",1", "]", 900'000), Repeated("[1", ",{},1", "]", 900'000),
        Repeated("[1", R"(,{"category":"Audit"})", "]", 900'000)}) {
    std::string message;
    write(&message);
    replay::ReplayOptions options;
    options.paths = {folder.Write("message.json", message)};
    options.now = kEndOfTime - 365 * kDay;
    options.dead_letters = folder.Path("letters");
    std::FILE* sink = std::fopen("/dev/null", "w");
    EXPECT_EQ(replay::RunReplay({}, options, sink, sink), 0);
    std::fclose(sink);
    EXPECT_LT(BytesIn(folder.Path("")), 12 * message.size());
  }
}

}  // namespace hostile_memory_test
}  // namespace signinwatch
