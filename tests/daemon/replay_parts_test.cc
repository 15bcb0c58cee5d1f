#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/files/byte_stream.h"
#include "daemon/replay/final_tickets.h"
#include "daemon/replay/input_counts.h"
#include "daemon/replay/progress.h"
#include "daemon/replay/read_ahead.h"
#include "daemon/replay/terminal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace replay_parts_test {

using ::testing::ElementsAre;

TEST(ReadAheadTest, GivesEachFilesBlocksInOrder) {
  const TemporaryFolder folder;
  constexpr size_t kFiles = 9;
  constexpr uint64_t kLines = 300;
  for (const int threads : {1, 2, 5}) {
    replay::ReadAheadPlan plan(kFiles, threads);
    plan.block_bytes = 16;  // about three lines
    std::vector<std::unique_ptr<files::FileSource>> sources;
    for (size_t i = 0; i < kFiles; ++i) {
      std::string text;
      for (uint64_t line = 0; line < kLines; ++line) text += "1234\n";
      auto stream = files::ByteStream::Open(folder.Write(std::to_string(i), text), {});
      ASSERT_TRUE(stream.ok());
      sources.push_back(std::make_unique<files::FileSource>(
          *std::move(stream), files::FileSourceOptions{.block_bytes = plan.block_bytes}));
    }
    replay::ReadAhead ahead(std::move(sources), plan,
                            {.parser = {}, .now = kEndOfTime, .keep_rejected = true});
    std::vector<uint64_t> lines(kFiles, 0);
    std::vector<bool> ended(kFiles, false);
    size_t open = kFiles;
    for (size_t turn = 0; open > 0; ++turn) {
      const size_t file = turn * turn % 11 % kFiles;
      const size_t other = turn % kFiles;
      const size_t next = ended[file] ? other : file;
      if (ended[next]) continue;
      std::unique_ptr<replay::ParsedBlock> block = ahead.Next(next);
      for (size_t i = 0; i < block->size(); ++i) {
        EXPECT_EQ(block->position(i), ++lines[next]);
        ASSERT_EQ(block->message(i).rejects.size(), 1U);
        EXPECT_EQ(block->TakeRejectedBytes(block->message(i).rejects[0]), "1234");
      }
      if (block->last) {
        ended[next] = true;
        --open;
        EXPECT_EQ(block->stored_bytes_read, kLines * 5);
      }
      ahead.Recycle(std::move(block));
    }
    for (const uint64_t count : lines) EXPECT_EQ(count, kLines);
  }
}

TEST(ReadAheadTest, CanBeLeftBeforeTheEnd) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "{}\n";
  auto stream = files::ByteStream::Open(folder.Write("a", text), {});
  ASSERT_TRUE(stream.ok());
  std::vector<std::unique_ptr<files::FileSource>> sources;
  sources.push_back(std::make_unique<files::FileSource>(
      *std::move(stream), files::FileSourceOptions{.block_bytes = 100}));
  replay::ReadAhead ahead(std::move(sources), replay::ReadAheadPlan(1, 4), {});
  EXPECT_FALSE(ahead.Next(0)->last);
}

TEST(ReadAheadPlanTest, KeepsWithinItsBudget) {
  EXPECT_EQ(replay::ReadAheadPlan(1, 2).block_bytes, size_t{1} << 20);
  EXPECT_EQ(replay::ReadAheadPlan(1, 16).block_bytes, size_t{1} << 20);
  const replay::ReadAheadPlan many(100'000, 2);
  EXPECT_EQ(many.block_bytes, size_t{32} << 10);
  EXPECT_TRUE(replay::ReadAheadPlan(1'000'000'000, 2).pause_files);
  EXPECT_FALSE(replay::ReadAheadPlan(1, 2).pause_files);
}

// More files than descriptors: they are closed between reads.
TEST(FileSourceTest, GoesOnAfterAPause) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 500; ++i) text += "{\"a\":" + std::to_string(i) + "}\n";
  for (const std::string& bytes : {text, Gzip(text)}) {
    const std::string path = folder.Write("a", bytes);
    auto stream = files::ByteStream::Open(path, {.gzip_input_bytes = 64});
    ASSERT_TRUE(stream.ok());
    files::FileSource source(*std::move(stream), {.block_bytes = 100});
    files::FileBlock block;
    std::string read;
    for (bool more = true; more;) {
      source.Pause();
      more = source.ReadBlock(&block);
      for (const files::FileMessage& m : block.messages) read.append(block.Bytes(m)).append("\n");
    }
    EXPECT_EQ(read, text);
    EXPECT_EQ(source.stored_bytes_read(), bytes.size());
  }
}

TEST(FileSourceTest, SaysWhenTheFileWasReplacedInAPause) {
  const TemporaryFolder folder;
  auto stream = files::ByteStream::Open(folder.Write("a", "{}\n"), {});
  ASSERT_TRUE(stream.ok());
  files::FileSource source(*std::move(stream), {});
  source.Pause();
  std::filesystem::rename(folder.Write("b", "{}\n"), folder.Path("a"));
  files::FileBlock block;
  EXPECT_FALSE(source.ReadBlock(&block));
  EXPECT_FALSE(source.status().ok());
}

Ticket MakeTicket(const std::string& id, int minute, const std::string& user) {
  Ticket ticket;
  ticket.ticket_id = id;
  ticket.first_event_time = *ParseEventTime("2026-03-01T00:00:00Z") + std::chrono::minutes(minute);
  ticket.tenant_id = "t";
  ticket.detector = "d";
  ticket.user_id = user;
  return ticket;
}

std::vector<std::string> Sorted(replay::FinalTickets& tickets) {
  std::vector<std::string> lines;
  EXPECT_TRUE(tickets
                  .ForEachSorted([&](std::string_view text) {
                    lines.emplace_back(text);
                    return true;
                  })
                  .ok());
  return lines;
}

// Held in memory or put away, the last state counts.
TEST(FinalTicketsTest, KeepsTheLastStateOfEachTicket) {
  for (const size_t held_max : {0, 1, 100}) {
    replay::FinalTickets tickets(
        [](const Ticket& t) { return t.ticket_id + "/" + std::to_string(t.revision); }, held_max);
    for (uint32_t revision = 1; revision <= 2; ++revision) {
      for (const auto& [id, minute, user] : std::vector<std::tuple<const char*, int, const char*>>{
               {"late", 9, "a"}, {"b", 1, "b"}, {"a", 1, "a"}, {"merged", 0, "a"}}) {
        Ticket ticket = MakeTicket(id, minute, user);
        ticket.revision = revision;
        ticket.reopened = std::string_view(id) == "b" ? 2 : 0;
        if (std::string_view(id) == "merged" && revision == 2) ticket.state = TicketState::kMerged;
        tickets.Update(std::move(ticket));
      }
    }
    EXPECT_THAT(Sorted(tickets), ElementsAre("a/2", "b/2", "late/2"));
    EXPECT_EQ(tickets.tickets(), 3U);
    EXPECT_EQ(tickets.bursts(), 5U);
  }
}

TEST(FinalTicketsTest, SortsUsersWithoutAnIdByName) {
  replay::FinalTickets tickets([](const Ticket& t) { return t.ticket_id; });
  Ticket named = MakeTicket("named", 0, "");
  named.user_principal_name = "bob";
  tickets.Update(MakeTicket("carl", 0, "carl"));
  tickets.Update(named);
  tickets.Update(MakeTicket("adam", 0, "adam"));
  EXPECT_THAT(Sorted(tickets), ElementsAre("adam", "named", "carl"));
}

TEST(InputCountsTest, CountsCategoriesUpToALimit) {
  replay::InputCounts counts;
  for (int i = 0; i < 300; ++i) {
    ParsedMessage message;
    message.text = "Category" + std::to_string(i);
    message.irrelevant.push_back({{0, static_cast<uint32_t>(message.text.size())}, 2});
    message.records = 2;
    counts.Add(message);
  }
  EXPECT_EQ(counts.irrelevant, 600U);
  EXPECT_EQ(counts.irrelevant_by_category.size(), replay::InputCounts::kCategoriesMax + 1);
  EXPECT_EQ(counts.irrelevant_by_category["other"].records,
            2 * (300 - replay::InputCounts::kCategoriesMax));
  counts.CheckBalance();
}

TEST(InputCountsDeathTest, CrashesWhenARecordIsUnaccountedFor) {
  replay::InputCounts counts;
  counts.records = 1;
  EXPECT_DEATH(counts.CheckBalance(), "1 records are not 0 accepted");
}

TEST(TerminalTest, FitsTextIntoColumns) {
  struct Case {
    std::string_view text;
    size_t columns;
    std::string_view fitted;
  };
  const Case cases[] = {
      {"abc", 3, "abc"},
      {"abc", 5, "abc  "},
      {"abcd", 3, "ab\xe2\x80\xa6"},
      {"", 2, "  "},
      {"abc", 0, ""},
      {"z\xc3\xbc", 2, "z\xc3\xbc"},
      {"e\xcc\x81x", 2, "e\xcc\x81x"},
      {"\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac"},
      {"\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5\xe2\x80\xa6"},
      {"\xe6\x97\xa5\xe6\x9c\xac", 2, "\xe2\x80\xa6 "},
      {"a\x1b[31m", 6, "a\xef\xbf\xbd[31m"},
      {"a\xc2\x9b"
       "b",
       3,
       "a\xef\xbf\xbd"
       "b"},
      {"a\xe2\x80\xae"
       "b",
       3,
       "a\xef\xbf\xbd"
       "b"},
      {"a\xff"
       "b",
       3,
       "a\xef\xbf\xbd"
       "b"},
      {"a\nb", 3,
       "a\xef\xbf\xbd"
       "b"},
      {"\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(replay::FitColumns(c.text, c.columns, true), c.fitted) << c.text;
}

TEST(ProgressTest, FormatsBytes) {
  EXPECT_EQ(replay::FormatBytes(0), "0 B");
  EXPECT_EQ(replay::FormatBytes(999), "999 B");
  EXPECT_EQ(replay::FormatBytes(1000), "1.0 kB");
  EXPECT_EQ(replay::FormatBytes(9949), "9.9 kB");
  EXPECT_EQ(replay::FormatBytes(9960), "10 kB");
  EXPECT_EQ(replay::FormatBytes(999'600), "1.0 MB");
  EXPECT_EQ(replay::FormatBytes(123e9), "123 GB");
}

}  // namespace replay_parts_test
}  // namespace signinwatch
