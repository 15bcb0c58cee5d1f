#include "daemon/files/file_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "daemon/files/json_scanner.h"
#include "parser/message_parser.h"

namespace signinwatch {
namespace {

constexpr size_t kSmallCarryBytes = size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view WithoutByteOrderMark(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  return text;
}

// A byte order mark alone is nothing either.
bool IsBlankLine(std::string_view line) {
  return WithoutByteOrderMark(line).find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool IsContainer(JsonShape shape) {
  return shape == JsonShape::kObject || shape == JsonShape::kArray;
}

size_t FindLineEnd(std::string_view text, size_t begin) {
  const void* const found = std::memchr(text.data() + begin, '\n', text.size() - begin);
  return found == nullptr ? std::string_view::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// Whether some line of `text` is a whole object or array.
bool HasContainerLine(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(FindLineEnd(text, 0), text.size());
    if (IsContainer(ClassifyJson(WithoutByteOrderMark(text.substr(0, end))))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

// Finds in a text that comes in pieces what HasContainerLine finds in one that is held.
class ContainerLineScanner {
 public:
  void Feed(std::string_view piece) {
    while (!found_ && !piece.empty()) {
      const size_t end = std::min(FindLineEnd(piece, 0), piece.size());
      line_.Feed(piece.substr(0, end));
      if (end == piece.size()) return;
      EndLine();
      piece.remove_prefix(end + 1);
    }
  }
  // Also the end of the text.
  void EndLine() {
    found_ = found_ || IsContainer(line_.Finish());
    line_.Reset();
  }
  [[nodiscard]] bool found() const { return found_; }

 private:
  JsonScanner line_;
  bool found_ = false;
};

}  // namespace

void FileBuffer::Reserve(size_t capacity) {
  if (capacity <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
  data_ = std::move(larger);
  capacity_ = capacity;
}

void FileBuffer::Assign(std::string_view bytes) {
  if (bytes.size() > capacity_) {
    size_ = 0;
    Reserve(bytes.size());
  }
  if (!bytes.empty()) std::memcpy(data_.get(), bytes.data(), bytes.size());
  size_ = bytes.size();
}

void FileBuffer::RemovePrefix(size_t count) {
  if (count != 0) std::memmove(data_.get(), data_.get() + count, size_ - count);
  size_ -= count;
}

size_t FileBuffer::ReadFrom(ByteStream& stream) {
  const size_t n = stream.Read(data_.get() + size_, capacity_ - size_);
  size_ += n;
  return n;
}

FileSource::FileSource(std::unique_ptr<ByteStream> stream, const FileSourceOptions& options)
    : stream_(std::move(stream)), options_(options) {}

bool FileSource::ReadBlock(FileBlock* block) {
  block->messages.clear();
  block->buffer.Clear();
  block->buffer.Reserve(options_.block_bytes);
  if (mode_ == Mode::kUndecided) Decide(block);
  if (mode_ == Mode::kLines) ReadLines(block);
  return mode_ != Mode::kEnded;
}

// Doubles the buffer up to `capacity` when it is full. false: the stream has ended, or the buffer
// is full.
bool FileSource::ReadMore(FileBuffer* buffer, size_t capacity) {
  if (stream_end_) return false;
  if (buffer->size() == buffer->capacity()) {
    if (buffer->capacity() >= capacity) return false;
    buffer->Reserve(std::min(capacity, 2 * buffer->capacity()));
  }
  stream_end_ = buffer->ReadFrom(*stream_) == 0;
  return !stream_end_;
}

void FileSource::Decide(FileBlock* block) {
  const std::optional<std::string_view> line = ReadFirstLine(&block->buffer);
  if (!line.has_value() || line->size() > options_.message_bytes_max ||
      ClassifyJson(WithoutByteOrderMark(*line)) != JsonShape::kNotJson) {
    TakeAsLines(block);
  } else {
    DecideByWhole(block);
  }
}

// The first line that is not blank, at the buffer's start; nullopt if there is none. At least one
// byte above the limit if it is above the limit.
std::optional<std::string_view> FileSource::ReadFirstLine(FileBuffer* buffer) {
  size_t begin = 0;
  size_t looked_at = 0;
  size_t end = 0;
  while (true) {
    end = FindLineEnd(buffer->view(), looked_at);
    if (end == std::string_view::npos) {
      buffer->RemovePrefix(begin);
      begin = 0;
      looked_at = buffer->size();
      if (looked_at >= HeldBytesMax()) return buffer->view();
      if (ReadMore(buffer, HeldBytesMax())) continue;
      if (IsBlankLine(buffer->view())) return std::nullopt;
      return buffer->view();
    }
    if (!IsNothing(buffer->view().substr(begin, end - begin))) break;
    begin = looked_at = end + 1;
    ++line_;
  }
  buffer->RemovePrefix(begin);
  return WithoutCarriageReturn(buffer->view().substr(0, end - begin));
}

// A blank line; one above the limit is too large all the same, since its blanks can't all be held.
bool FileSource::IsNothing(std::string_view line) const {
  return line.size() <= options_.message_bytes_max && IsBlankLine(line);
}

void FileSource::DecideByWhole(FileBlock* block) {
  FileBuffer& buffer = block->buffer;
  while (buffer.size() < HeldBytesMax() && ReadMore(&buffer, HeldBytesMax())) {
  }
  if (buffer.size() > options_.message_bytes_max) return DecideByScanning(block);
  const bool one_value = ClassifyJson(WithoutByteOrderMark(buffer.view())) != JsonShape::kNotJson;
  if (one_value || !HasContainerLine(buffer.view())) {
    TakeAsOneMessage(block, /*too_large=*/false);
  } else {
    TakeAsLines(block);
  }
}

void FileSource::DecideByScanning(FileBlock* block) {
  JsonScanner whole;
  ContainerLineScanner lines;
  whole.Feed(block->buffer.view());
  lines.Feed(block->buffer.view());
  const auto surely_lines = [&] { return whole.broken() && lines.found(); };
  if (surely_lines()) return TakeAsLines(block);

  const bool all_held = stream_end_;
  if (!all_held && !stream_->can_rewind()) stream_->Keep(block->buffer.view());
  FileBuffer piece;
  piece.Reserve(options_.block_bytes);
  while (!stream_end_ && !surely_lines()) {
    piece.Clear();
    stream_end_ = piece.ReadFrom(*stream_) == 0;
    whole.Feed(piece.view());
    lines.Feed(piece.view());
  }
  lines.EndLine();
  const bool one_value = stream_end_ && whole.Finish() != JsonShape::kNotJson;
  if (one_value || !lines.found()) return TakeAsOneMessage(block, /*too_large=*/true);
  if (all_held) return TakeAsLines(block);
  StartOver(block);
}

void FileSource::TakeAsOneMessage(FileBlock* block, bool too_large) {
  const size_t size = block->buffer.size();
  block->messages.push_back({.offset = 0,
                             .size = too_large ? std::min(size, kTooLargeKeptBytes) : size,
                             .position = line_,
                             .too_large = too_large,
                             .cut_short = stream_->damage() != nullptr});
  mode_ = Mode::kEnded;
}

// What the block holds is read as lines. Of a file that can be read again, not more than a block
// is held on to: thousands of files may be open.
void FileSource::TakeAsLines(FileBlock* block) {
  if (block->buffer.size() > options_.block_bytes && stream_->can_rewind()) {
    return StartOver(block);
  }
  mode_ = Mode::kLines;
  carry_.Assign(block->buffer.view());
}

// Lines, from the file's beginning.
void FileSource::StartOver(FileBlock* block) {
  rewind_status_ = stream_->Rewind();
  mode_ = rewind_status_.ok() ? Mode::kLines : Mode::kEnded;
  stream_end_ = false;
  block->buffer.Clear();
  line_ = 1;
}

void FileSource::ReadLines(FileBlock* block) {
  FileBuffer& buffer = block->buffer;
  buffer.Assign(carry_.view());
  size_t begin = 0;  // of what has not been given out
  while (true) {
    CutLines(block, &begin);
    if (block->messages.size() >= options_.block_messages_max) break;
    if (block->messages.empty()) {  // nobody refers to what is before `begin`
      buffer.RemovePrefix(begin);
      begin = 0;
    } else if (buffer.size() == buffer.capacity() || stream_->may_wait()) {
      break;
    }
    if (ReadMore(&buffer, HeldBytesMax())) continue;
    AddLastLine(block, begin);
    return;
  }
  // One long line must not leave its size behind in every open file.
  const std::string_view rest = buffer.view().substr(begin);
  if (carry_.capacity() > kSmallCarryBytes && carry_.capacity() / 4 > rest.size()) {
    carry_ = FileBuffer();
  }
  carry_.Assign(rest);
}

// Takes whole lines from *begin on, and drops what is to be skipped.
void FileSource::CutLines(FileBlock* block, size_t* begin) {
  const std::string_view text = block->buffer.view();
  while (block->messages.size() < options_.block_messages_max) {
    const size_t end = FindLineEnd(text, *begin);
    if (end == std::string_view::npos) break;
    if (!skipping_) AddLine(block, *begin, end - *begin);
    skipping_ = false;
    *begin = end + 1;
    ++line_;
  }
  if (block->messages.size() >= options_.block_messages_max) return;
  // A line that goes on, and is above the limit already.
  if (!skipping_ && text.size() - *begin >= HeldBytesMax()) {
    AddLine(block, *begin, text.size() - *begin);
    skipping_ = true;
  }
  if (skipping_) *begin = text.size();
}

void FileSource::AddLine(FileBlock* block, size_t begin, size_t size) {
  const std::string_view line = WithoutCarriageReturn(block->buffer.view().substr(begin, size));
  if (IsNothing(line)) return;
  const bool too_large = line.size() > options_.message_bytes_max;
  block->messages.push_back(
      {.offset = begin,
       .size = too_large ? std::min(line.size(), kTooLargeKeptBytes) : line.size(),
       .position = line_,
       .too_large = too_large});
}

// The last line need not have an end.
void FileSource::AddLastLine(FileBlock* block, size_t begin) {
  mode_ = Mode::kEnded;
  const size_t before = block->messages.size();
  const bool rest_of_too_large = skipping_;
  if (!skipping_) AddLine(block, begin, block->buffer.size() - begin);
  if (stream_->damage() == nullptr || rest_of_too_large) return;
  if (block->messages.size() == before) block->messages.push_back({.position = line_});
  block->messages.back().cut_short = true;
}

}  // namespace signinwatch
