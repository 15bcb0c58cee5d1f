#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/files/byte_stream.h"
#include "daemon/files/file_source.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace files_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A message as a test sees it: "LINE: BYTES", with what is special about it.
struct Read {
  std::vector<std::string> messages;
  std::string damage;
  uint64_t stored_bytes = 0;
  size_t blocks = 0;
  size_t buffer_bytes_max = 0;
};

Read ReadAll(std::unique_ptr<files::ByteStream> stream,
             const files::FileSourceOptions& options = {}) {
  Read read;
  files::FileSource source(std::move(stream), options);
  files::FileBlock block;
  for (bool more = true; more;) {
    more = source.ReadBlock(&block);
    ++read.blocks;
    read.buffer_bytes_max = std::max(read.buffer_bytes_max, block.buffer.capacity());
    for (const files::FileMessage& message : block.messages) {
      std::string text = std::to_string(message.position) + ": ";
      if (message.too_large) {
        text += "too large " + std::to_string(message.size);
      } else {
        text += block.Bytes(message);
      }
      if (message.cut_short) text += " (cut short)";
      read.messages.push_back(std::move(text));
    }
  }
  EXPECT_TRUE(source.status().ok()) << source.status();
  if (source.damage() != nullptr) read.damage = source.damage();
  read.stored_bytes = source.stored_bytes_read();
  return read;
}

Read ReadPath(const std::string& path, const files::FileSourceOptions& options = {}) {
  auto stream = files::ByteStream::Open(path, {});
  EXPECT_TRUE(stream.ok()) << stream.status();
  return ReadAll(*std::move(stream), options);
}

Read ReadText(std::string_view text, const files::FileSourceOptions& options = {}) {
  const TemporaryFolder folder;
  return ReadPath(folder.Write("file", text), options);
}

// Through a FIFO, in pieces.
Read ReadThroughPipe(std::string_view text, size_t piece_bytes,
                     const files::FileSourceOptions& options = {}) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("fifo");
  EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto stream = files::ByteStream::Open(path, {});
  EXPECT_TRUE(stream.ok()) << stream.status();
  std::thread writer([&] {
    const int fd = ::open(path.c_str(), O_WRONLY);
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t n = ::write(fd, rest.data(), std::min(piece_bytes, rest.size()));
      if (n < 0) break;
      rest.remove_prefix(static_cast<size_t>(n));
    }
    ::close(fd);
  });
  Read read = ReadAll(*std::move(stream), options);
  writer.join();
  return read;
}

TEST(FileSourceTest, TellsLinesFromOneMessage) {
  struct Case {
    const char* what;
    std::string text;
    std::vector<std::string> messages;
  };
  const Case cases[] = {
      {"empty", "", {}},
      {"blank", " \n\r\n\t\n  ", {}},
      {"byte order mark alone", "\xef\xbb\xbf", {}},
      {"lines", "{\"a\":1}\n{\"a\":2}\n", {"1: {\"a\":1}", "2: {\"a\":2}"}},
      {"last line without its end", "{\"a\":1}\n{\"a\":2}", {"1: {\"a\":1}", "2: {\"a\":2}"}},
      {"CR LF", "{\"a\":1}\r\n{\"a\":2}\r\n", {"1: {\"a\":1}", "2: {\"a\":2}"}},
      {"blank lines", "\n\r\n{\"a\":1}\n\n \n{\"a\":2}\n\n", {"3: {\"a\":1}", "6: {\"a\":2}"}},
      {"byte order mark", "\xef\xbb\xbf{}\n{}\n", {"1: \xef\xbb\xbf{}", "2: {}"}},
      {"byte order mark, blank line", "\xef\xbb\xbf\n{}\nx\n", {"2: {}", "3: x"}},
      {"first line whole, others not", "{}\nx\n[\n", {"1: {}", "2: x", "3: ["}},
      {"first line a number", "17\n{\n}\n", {"1: 17", "2: {", "3: }"}},
      {"first line a text", "\"x\"\n{\n", {"1: \"x\"", "2: {"}},
      {"over several lines", "{\n\"a\":1\n}\n", {"1: {\n\"a\":1\n}"}},
      {"over several lines, behind blanks", "\n\n[\n{}\n]\n", {"3: [\n{}\n]"}},
      {"value after value",
       "[\n1]\n\n{\"a\":\n2}\r\n\xef\xbb\xbf [3]{}\n",
       {"1: [\n1]", "4: {\"a\":\n2}", "6: [3]", "6: {}"}},
      {"value after value, then damage",
       "[\n1]\n[2]\n[3,\n[4]\n",
       {"1: [\n1]", "3: [2]", "4: [3,\n[4]\n"}},
      {"value after value, bare ones too",
       "{\n}\n1 \"x\" null\n2",
       {"1: {\n}", "3: 1", "3: \"x\"", "3: null", "4: 2"}},
      {"value after value, cut", "{\n} [1", {"1: {\n}", "2: [1"}},
      {"a control character is no damage", "[\n\"\x1c\"]\n[2]", {"1: [\n\"\x1c\"]", "3: [2]"}},
      {"with byte order mark", "\xef\xbb\xbf[\n1]", {"1: [\n1]"}},
      {"with lines that are whole", "[\n{}\n,\n{}\n]", {"1: [\n{}\n,\n{}\n]"}},
      {"no line is an object or array", "{\"a\":\nx\n17\n", {"1: {\"a\":\nx\n17\n"}},
      {"rubbish", "rubbish", {"1: rubbish"}},
      {"first line broken", "{\"a\":\n{\"b\":1}\n", {"1: {\"a\":", "2: {\"b\":1}"}},
      {"all lines damaged", "{'a':1}\r\n{'b':1}\r\n", {"1: {'a':1}", "2: {'b':1}"}},
      {"a damaged array line", "x\ny\n[1,]", {"1: x", "2: y", "3: [1,]"}},
      {"two bytes are no line of ours", "x\ny\n[]", {"1: x\ny\n[]"}},
      {"a line with blanks around", "x\n {'a':1}\n{'a':1} \n", {"1: x\n {'a':1}\n{'a':1} \n"}},
      {"zero bytes are not blank", std::string(2, '\0'), {"1: " + std::string(2, '\0')}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ReadText(c.text).messages, c.messages) << c.what;
    EXPECT_EQ(ReadText(Gzip(c.text)).messages, c.messages) << c.what << ", gzip";
    EXPECT_EQ(ReadThroughPipe(c.text, 1).messages, c.messages) << c.what << ", pipe";
    EXPECT_EQ(ReadText(c.text, {.block_bytes = 4, .block_messages_max = 2}).messages, c.messages)
        << c.what << ", small blocks";
  }
}

TEST(FileSourceTest, CountsStoredBytes) {
  EXPECT_EQ(ReadText("{}\n{}\n").stored_bytes, 6U);
  EXPECT_EQ(ReadText("{\n{}\n").stored_bytes, 5U);
  EXPECT_EQ(ReadText("").stored_bytes, 0U);
  const std::string packed = Gzip(std::string(10'000, '\n'));
  EXPECT_EQ(ReadText(packed).stored_bytes, packed.size());
  EXPECT_EQ(ReadThroughPipe("{}\n", 2).stored_bytes, 3U);
}

TEST(FileSourceTest, CutsTheSameMessagesWhateverTheBlocks) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    const std::string line =
        "{\"a\":\"" + std::string(static_cast<size_t>(i * 7 % 90), 'x') + "\"}";
    text += line + (i % 3 == 0 ? "\r\n" : i % 5 == 0 ? "\n\n" : "\n");
    expected.push_back(line);
  }
  const Read whole = ReadText(text);
  ASSERT_EQ(whole.messages.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_THAT(whole.messages[i], HasSubstr(expected[i]));
  for (size_t block_bytes : {1, 2, 3, 7, 64, 1000, 4096}) {
    for (size_t messages_max : {1, 3, 4096}) {
      const files::FileSourceOptions options{.block_bytes = block_bytes,
                                             .block_messages_max = messages_max};
      EXPECT_EQ(ReadText(text, options).messages, whole.messages) << block_bytes;
      EXPECT_EQ(ReadThroughPipe(text, 100, options).messages, whole.messages) << block_bytes;
    }
  }
}

TEST(FileSourceTest, FollowsTheLimitOfMessages) {
  const files::FileSourceOptions ten{.message_bytes_max = 10};
  // At the limit, CR LF not counted, and one above.
  EXPECT_THAT(ReadText("{}\n[23456789]\r\n[234567890]\n{}\n", ten).messages,
              ElementsAre("1: {}", "2: [23456789]", "3: too large 11", "4: {}"));
  // A first line above the limit makes it lines, whatever follows.
  EXPECT_THAT(ReadText("[234567890\n]\n{\n", ten).messages, ElementsAre("1: too large 15"))
      << "at the limit it is not above";
  EXPECT_THAT(ReadText("[2345678901\n]\n{\n", ten).messages,
              ElementsAre("1: too large 11", "2: ]", "3: {"));
  // One message above it; a value that is whole at the limit, then what is above it.
  EXPECT_THAT(ReadText("[\n1,\n2,\n3\n]\n", ten).messages, ElementsAre("1: too large 12"));
  EXPECT_THAT(ReadText("[\n1,\n2,\n3]\n[\n2345678]\n", ten).messages,
              ElementsAre("1: [\n1,\n2,\n3]", "5: [\n2345678]"));
  EXPECT_THAT(ReadText("[\n1]\n[\n23456789]\n[1]", ten).messages,
              ElementsAre("1: [\n1]", "3: too large 15"));
  EXPECT_THAT(ReadText("[\nx,\ny,\nz,\nw\n", ten).messages, ElementsAre("1: too large 13"));
  EXPECT_THAT(ReadText(std::string(30, ' ') + "\n{}\n", ten).messages,
              ElementsAre("1: too large 30", "2: {}"));
}

// Its beginning decides how a file is read: not what comes far behind it.
TEST(FileSourceTest, DecidesByTheBeginningAlone) {
  const files::FileSourceOptions options{.message_bytes_max = 100, .block_bytes = 64};
  std::string pretty = "[\n";
  std::string broken = "{\"cut\":\n";
  std::string late = "{\"cut\":\n" + std::string(100, 'x') + "\n";
  std::string values;
  for (int i = 0; i < 10'000; ++i) {
    pretty += i == 0 ? "{\"a\":1}\n" : ",\n{\"a\":1}\n";
    broken += "{\"a\":1}\n";
    late += "{\"a\":1}\n";
    values += "{\"a\":\n1}\n";
  }
  pretty += "]\n";
  for (const bool pipe : {false, true}) {
    const auto read = [&](const std::string& text) {
      return pipe ? ReadThroughPipe(text, 777, options) : ReadText(text, options);
    };
    // A line of it looks like a record.
    EXPECT_EQ(read(pretty).messages.size(), 20'001U);
    EXPECT_EQ(read(broken).messages.size(), 10'001U);
    const Read one = read(late);
    EXPECT_THAT(one.messages, ElementsAre("1: too large 65536"));
    EXPECT_EQ(one.stored_bytes, late.size());
    EXPECT_LE(one.buffer_bytes_max, 65'536U);
    const Read many = read(values);
    EXPECT_EQ(many.messages.size(), 10'000U);
    EXPECT_EQ(many.messages.back(), "19999: {\"a\":\n1}");
    EXPECT_LE(many.buffer_bytes_max, 65'536U);
  }
  EXPECT_EQ(ReadText(Gzip(values), options).messages.size(), 10'000U);
}

// The same messages, whatever the size of the blocks, and however a pipe is written to.
TEST(FileSourceTest, CutsTheSameValuesWhateverTheBlocks) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "{\"a\":\n\"" + std::string(static_cast<size_t>(i * 7 % 90), 'x') + "\"}";
    text += i % 3 == 0 ? "\r\n" : i % 5 == 0 ? "\xef\xbb\xbf" : i % 7 == 0 ? " 12 " : "";
  }
  text += "[1,";
  const Read whole = ReadText(text);
  ASSERT_GT(whole.messages.size(), 201U);
  for (size_t block_bytes : {1, 2, 3, 7, 64, 1000}) {
    for (size_t messages_max : {1, 3, 4096}) {
      const files::FileSourceOptions options{.block_bytes = block_bytes,
                                             .block_messages_max = messages_max};
      EXPECT_EQ(ReadText(text, options).messages, whole.messages) << block_bytes;
      EXPECT_EQ(ReadThroughPipe(text, 1 + block_bytes, options).messages, whole.messages);
    }
  }
}

std::string Utf16(std::u16string_view text, bool big_endian) {
  std::string bytes = big_endian ? "\xfe\xff" : "\xff\xfe";
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xff);
    const char high = static_cast<char>(unit >> 8);
    bytes += big_endian ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

// As PowerShell's `>` writes them. An unpaired surrogate becomes a byte that is no UTF-8, which the
// parser replaces and counts.
TEST(FileSourceTest, TurnsUtf16IntoUtf8) {
  const std::u16string text = u"{\"a\":\"\u00e4\u20ac\U0001f600\"}\r\n[\xd800,\xdc00]\r\n";
  for (const bool big_endian : {false, true}) {
    const std::string bytes = Utf16(text, big_endian);
    const std::vector<std::string> expected = {
        "1: {\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}", "2: [\xff,\xff]"};
    EXPECT_EQ(ReadText(bytes).messages, expected);
    EXPECT_EQ(ReadText(Gzip(bytes)).messages, expected);
    EXPECT_EQ(ReadThroughPipe(bytes, 1).messages, expected);
    EXPECT_EQ(ReadText(bytes, {.block_bytes = 3, .block_messages_max = 1}).messages, expected);
    EXPECT_EQ(ReadText(bytes).stored_bytes, bytes.size());
    // Cut within a pair, and within a code unit.
    const std::u16string cut = text.substr(0, 9);
    EXPECT_THAT(ReadText(Utf16(cut, big_endian) + "x").messages,
                ElementsAre("1: {\"a\":\"\xc3\xa4\xe2\x82\xac\xff\xff"));
    EXPECT_THAT(ReadText(Utf16(u"[\n1]\n[2]", big_endian)).messages,
                ElementsAre("1: [\n1]", "3: [2]"));
    EXPECT_THAT(ReadText(Utf16(u"", big_endian)).messages, IsEmpty());
  }
}

TEST(FileSourceTest, NamesWhatIsNoneOfOurs) {
  const TemporaryFolder folder;
  const auto format = [&](const std::string& text) {
    auto stream = files::ByteStream::Open(folder.Write("file", text), {});
    files::FileSource source(*std::move(stream), {});
    files::FileBlock block;
    (void)source.ReadBlock(&block);
    return std::string(files::ForeignFormatName(source.foreign_format()));
  };
  const std::string csv = "Date (UTC),Request ID,User\r\n2026-01-01,x,y\r\n";
  EXPECT_EQ(format(csv), "CSV");
  EXPECT_EQ(format(Gzip(csv)), "CSV");
  EXPECT_EQ(format(Utf16(u"Date\tRequest\tUser\r\n", false)), "CSV");
  EXPECT_EQ(format("Obj\x01 avro.schema {\"name\":\"EventData\"}"), "Avro of Event Hubs Capture");
  EXPECT_EQ(format("{}\n"), "");
  EXPECT_EQ(format("[\n1]"), "");
  EXPECT_EQ(format("rubbish"), "");
}

TEST(FileSourceTest, HoldsNoMoreThanTheBeginningOfALineThatIsTooLarge) {
  const files::FileSourceOptions options{.message_bytes_max = 100'000, .block_bytes = 4096};
  const std::string text = "{}\n" + std::string(5'000'000, 'x') + "\n{}\n";
  for (const Read& read : {ReadText(text, options), ReadThroughPipe(text, 10'000, options),
                           ReadText(Gzip(text), options)}) {
    EXPECT_THAT(read.messages, ElementsAre("1: {}", "2: too large 65536", "3: {}"));
    EXPECT_LE(read.buffer_bytes_max, 100'002U);
  }
}

TEST(FileSourceTest, ReadsGzipOfSeveralMembers) {
  const std::string first = Gzip("{\"a\":1}\n{\"a\":");
  const std::string second = Gzip("2}\n");
  EXPECT_THAT(ReadText(first + second).messages, ElementsAre("1: {\"a\":1}", "2: {\"a\":2}"));
  EXPECT_THAT(ReadText(first + Gzip("") + second + std::string(512, '\0')).messages,
              ElementsAre("1: {\"a\":1}", "2: {\"a\":2}"));
  EXPECT_THAT(ReadThroughPipe(first + second, 1).messages,
              ElementsAre("1: {\"a\":1}", "2: {\"a\":2}"));
}

TEST(FileSourceTest, ReadsDamagedGzipUpToTheDamage) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "{\"a\":" + std::to_string(i * 7919 % 1000) + "}\n";
  const std::string packed = Gzip(text);

  const Read half = ReadText(packed.substr(0, packed.size() / 2));
  EXPECT_EQ(half.damage, "gzip data ends early");
  EXPECT_GT(half.messages.size(), 100U);
  EXPECT_EQ(half.messages[50], "51: {\"a\":" + std::to_string(50 * 7919 % 1000) + "}");
  EXPECT_THAT(half.messages.back(), HasSubstr(" (cut short)"));

  // Nothing but the trailer is missing, so no line is; the damage is a message of its own.
  const Read whole = ReadText(packed.substr(0, packed.size() - 4));
  EXPECT_EQ(whole.damage, "gzip data ends early");
  ASSERT_EQ(whole.messages.size(), 2001U);
  EXPECT_EQ(whole.messages.back(), "2001:  (cut short)");

  std::string corrupt = packed;
  corrupt[corrupt.size() / 2] = static_cast<char>(~corrupt[corrupt.size() / 2]);
  const Read mangled = ReadText(corrupt);
  EXPECT_EQ(mangled.damage, "gzip data is corrupt");
  EXPECT_THAT(mangled.messages.back(), HasSubstr(" (cut short)"));

  const Read trailing = ReadText(packed + "rubbish");
  EXPECT_EQ(trailing.damage, "gzip data is followed by something else");
  EXPECT_EQ(trailing.messages.size(), 2001U);

  EXPECT_THAT(ReadText("\x1f\x8b").messages, ElementsAre("1:  (cut short)"));
  EXPECT_THAT(ReadText("\x1f\x8bxxxxxxxxxx").messages, ElementsAre("1:  (cut short)"));
  // A line that is too large is rejected anyway, however it ends.
  const std::string long_line = Gzip("{}\n" + std::string(500'000, 'x'));
  EXPECT_THAT(ReadText(long_line.substr(0, long_line.size() - 4),
                       {.message_bytes_max = 100, .block_bytes = 64})
                  .messages,
              ElementsAre("1: {}", "2: too large 65536"));
}

TEST(FileSourceTest, GivesOutWhatAPipeHasBeforeWaitingForMore) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto stream = files::ByteStream::Open(path, {});
  ASSERT_TRUE(stream.ok());
  const int writer = ::open(path.c_str(), O_WRONLY);
  files::FileSource source(*std::move(stream), {});
  files::FileBlock block;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(::write(writer, "{}\n", 3), 3);
    ASSERT_TRUE(source.ReadBlock(&block));
    EXPECT_EQ(block.messages.size(), 1U);
  }
  ::close(writer);
  EXPECT_FALSE(source.ReadBlock(&block));
  EXPECT_THAT(block.messages, IsEmpty());
}

TEST(FileSourceTest, StopsWaitingWhenItIsCancelled) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  int cancel[2];
  ASSERT_EQ(::pipe(cancel), 0);
  auto stream = files::ByteStream::Open(path, {.cancel_fd = cancel[0]});
  ASSERT_TRUE(stream.ok());
  files::FileSource source(*std::move(stream), {});
  std::thread canceller([&] { EXPECT_EQ(::write(cancel[1], "x", 1), 1); });
  files::FileBlock block;
  EXPECT_FALSE(source.ReadBlock(&block));
  canceller.join();
  ::close(cancel[0]);
  ::close(cancel[1]);
}

TEST(FileSourceTest, ReadsWhatAFileHasGrownTo) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("file", "{}\n{}\n");
  auto stream = files::ByteStream::Open(path, {});
  ASSERT_TRUE(stream.ok());
  files::FileSource source(*std::move(stream), {.block_bytes = 4, .block_messages_max = 1});
  files::FileBlock block;
  ASSERT_TRUE(source.ReadBlock(&block));
  std::ofstream(path, std::ios::app) << "{}\n{}";
  size_t messages = block.messages.size();
  for (bool more = true; more;) {
    more = source.ReadBlock(&block);
    messages += block.messages.size();
  }
  EXPECT_EQ(messages, 4U);
}

TEST(ByteStreamTest, SaysWhyAPathCannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_EQ(files::ByteStream::Open(folder.Path("none"), {}).status().message(),
            "No such file or directory");
  EXPECT_EQ(files::ByteStream::Open(folder.Path("."), {}).status().message(), "Is a directory");
}

TEST(ByteStreamTest, ReadsStandardInputFromWhereItStands) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("file", "skipped\n[\n{x}\n{}\n");
  const int saved = ::dup(STDIN_FILENO);
  const int fd = ::open(path.c_str(), O_RDONLY);
  ASSERT_EQ(::lseek(fd, 8, SEEK_SET), 8);
  ASSERT_GE(::dup2(fd, STDIN_FILENO), 0);
  ::close(fd);
  // Small blocks make it read the text twice.
  const Read read = ReadPath("-", {.block_bytes = 2});
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  EXPECT_THAT(read.messages, ElementsAre("1: [", "2: {x}", "3: {}"));
}

}  // namespace files_test
}  // namespace signinwatch
