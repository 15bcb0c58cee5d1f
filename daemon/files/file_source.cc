#include "daemon/files/file_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parser/ascii.h"
#include "parser/message_parser.h"

namespace signinwatch::files {
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

size_t FindLineEnd(std::string_view text, size_t begin) {
  const void* const found = std::memchr(text.data() + begin, '\n', text.size() - begin);
  return found == nullptr ? std::string_view::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

bool IsOpening(char c) { return c == '{' || c == '['; }

// A line that looks like a record or a batch, whole or damaged.
bool IsContainerLine(std::string_view line) {
  line = WithoutByteOrderMark(line);
  return line.size() > 2 && IsOpening(line.front()) && (line.back() == '}' || line.back() == ']');
}

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
  switch (mode_) {
    case Mode::kLines:
    case Mode::kValues:
      ReadMessages(block);
      break;
    case Mode::kRest:
      ReadRest(block);
      break;
    case Mode::kSkipping:
      SkipRest(block);
      break;
    case Mode::kUndecided:
    case Mode::kEnded:
      break;
  }
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
  FileBuffer& buffer = block->buffer;
  mode_ = Mode::kLines;
  const std::optional<std::string_view> line = ReadFirstLine(&buffer);
  if (line.has_value() && line->size() <= options_.message_bytes_max &&
      ClassifyJson(*line) == JsonShape::kNotJson) {
    if (BeginsWithValue(&buffer)) {
      mode_ = Mode::kValues;
    } else {
      if (!HasContainerLine(&buffer)) mode_ = Mode::kRest;
      foreign_format_ = RecogniseForeignFormat(buffer.view());
    }
  }
  if (mode_ != Mode::kRest && buffer.size() > options_.block_bytes && stream_->can_rewind()) {
    // Of a file that can be read again, not more than a block is held: thousands may be open.
    rewind_status_ = stream_->Rewind();
    if (!rewind_status_.ok()) mode_ = Mode::kEnded;
    stream_end_ = false;
    buffer.Clear();
    line_ = 1;
  }
  carry_.Assign(buffer.view());
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

// Whether a whole object or array begins the file; read no further than that takes.
bool FileSource::BeginsWithValue(FileBuffer* buffer) {
  size_t fed = 0;
  for (;;) {
    const std::string_view mark = buffer->view().substr(fed, kByteOrderMark.size());
    if (mark == kByteOrderMark) {
      fed += mark.size();
    } else if (!mark.empty() && IsBlank(mark.front())) {
      ++fed;
    } else {
      break;
    }
  }
  if (fed == buffer->size() || !IsOpening(buffer->view()[fed])) return false;
  JsonScanner scanner;
  for (;;) {
    const size_t end = std::min(buffer->size(), options_.message_bytes_max);
    if (fed < end) fed += scanner.Feed(buffer->view().substr(fed, end - fed));
    if (scanner.whole()) return true;
    if (scanner.broken() || fed >= options_.message_bytes_max) return false;
    if (!ReadMore(buffer, HeldBytesMax())) return false;
  }
}

// Whether some line of the beginning is a container's; read no further than that takes.
bool FileSource::HasContainerLine(FileBuffer* buffer) {
  size_t begin = 0;
  size_t looked_at = 0;
  for (;;) {
    size_t end = FindLineEnd(buffer->view(), looked_at);
    const bool last = end == std::string_view::npos;
    if (last) {
      looked_at = buffer->size();
      if (ReadMore(buffer, HeldBytesMax())) continue;
      if (!stream_end_) return false;  // a line that goes on behind the beginning
      end = buffer->size();
    }
    const std::string_view line = WithoutCarriageReturn(buffer->view().substr(begin, end - begin));
    if (begin + line.size() > options_.message_bytes_max) return false;
    if (IsContainerLine(line)) return true;
    if (last) return false;
    begin = looked_at = end + 1;
  }
}

void FileSource::ReadMessages(FileBlock* block) {
  FileBuffer& buffer = block->buffer;
  buffer.Assign(carry_.view());
  size_t begin = 0;
  while (true) {
    if (mode_ == Mode::kLines) {
      CutLines(block, &begin);
    } else {
      CutValues(block, &begin);
    }
    if (mode_ == Mode::kRest || block->messages.size() >= options_.block_messages_max) break;
    if (block->messages.empty()) {  // nobody refers to what is before `begin`
      buffer.RemovePrefix(begin);
      begin = 0;
    } else if (buffer.size() == buffer.capacity() || stream_->may_wait()) {
      break;
    }
    if (ReadMore(&buffer, HeldBytesMax())) continue;
    EndMessages(block, begin);
    return;
  }
  CarryOn(buffer.view().substr(begin));
}

// One long line must not leave its size behind in every open file.
void FileSource::CarryOn(std::string_view rest) {
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

// Takes whole values from *begin on. Where there is none, all that is left becomes one message.
void FileSource::CutValues(FileBlock* block, size_t* begin) {
  const std::string_view text = block->buffer.view();
  while (block->messages.size() < options_.block_messages_max) {
    if (scanned_ == 0 && !SkipBetweenValues(text, begin)) return;
    const std::string_view left = text.substr(*begin + scanned_);
    scanned_ += scanner_.Feed(left);
    if (scanner_.broken() || scanned_ > options_.message_bytes_max) {
      mode_ = Mode::kRest;
      return;
    }
    if (!scanner_.whole()) return;
    AddValue(block, *begin, scanned_);
    *begin += block->messages.back().size;
  }
}

// Skips blanks and byte order marks. false: what follows is still to be read.
bool FileSource::SkipBetweenValues(std::string_view text, size_t* begin) {
  while (*begin < text.size()) {
    const std::string_view left = text.substr(*begin, kByteOrderMark.size());
    if (IsBlank(left.front())) {
      if (left.front() == '\n') ++line_;
      ++*begin;
    } else if (left == kByteOrderMark) {
      *begin += left.size();
    } else {
      return stream_end_ || !kByteOrderMark.starts_with(left);
    }
  }
  return false;
}

void FileSource::AddValue(FileBlock* block, size_t begin, size_t size) {
  block->messages.push_back({.offset = begin, .size = size, .position = line_});
  const std::string_view value = block->buffer.view().substr(begin, size);
  line_ += static_cast<uint64_t>(std::count(value.begin(), value.end(), '\n'));
  scanner_.Reset();
  scanned_ = 0;
}

// The end of the file. The last line need not have an end; the last value may be a number, which
// ends only here, or begin and not be whole.
void FileSource::EndMessages(FileBlock* block, size_t begin) {
  const size_t before = block->messages.size();
  const bool rest_of_too_large = skipping_;
  const size_t left = block->buffer.size() - begin;
  if (mode_ == Mode::kLines) {
    if (!skipping_) AddLine(block, begin, left);
  } else if (scanned_ > 0 && scanner_.EndsWhole()) {
    AddValue(block, begin, left);
  } else if (left > 0) {
    block->messages.push_back({.offset = begin, .size = left, .position = line_});
  }
  mode_ = Mode::kEnded;
  if (!rest_of_too_large) MarkCutShort(block, before);
}

void FileSource::MarkCutShort(FileBlock* block, size_t messages_before) {
  if (stream_->damage() == nullptr) return;
  if (block->messages.size() == messages_before) block->messages.push_back({.position = line_});
  block->messages.back().cut_short = true;
}

void FileSource::ReadRest(FileBlock* block) {
  FileBuffer& buffer = block->buffer;
  buffer.Assign(carry_.view());
  carry_ = FileBuffer();
  while (buffer.size() < HeldBytesMax() && ReadMore(&buffer, HeldBytesMax())) {
  }
  const bool too_large = buffer.size() > options_.message_bytes_max;
  block->messages.push_back(
      {.offset = 0,
       .size = too_large ? std::min(buffer.size(), kTooLargeKeptBytes) : buffer.size(),
       .position = line_,
       .too_large = too_large});
  mode_ = stream_end_ ? Mode::kEnded : Mode::kSkipping;
  if (stream_end_) MarkCutShort(block, 0);
}

void FileSource::SkipRest(FileBlock* block) {
  stream_end_ = block->buffer.ReadFrom(*stream_) == 0;
  if (stream_end_) mode_ = Mode::kEnded;
}

}  // namespace signinwatch::files
