#include "daemon/replay/replay.h"

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "daemon/clock/clock.h"
#include "daemon/files/byte_stream.h"
#include "daemon/files/file_source.h"
#include "daemon/files/raw_file.h"
#include "daemon/replay/dead_letters.h"
#include "daemon/replay/fold.h"
#include "daemon/replay/near_miss_table.h"
#include "daemon/replay/progress.h"
#include "daemon/replay/read_ahead.h"
#include "daemon/replay/summary.h"
#include "daemon/replay/ticket_output.h"

namespace signinwatch::replay {
namespace {

constexpr int kThreadsMax = 256;
// Of thousands of PATHs that can't be opened, or give nothing, so many are named.
constexpr size_t kOpenErrorsShown = 20;

int ThreadCount(int wanted) {
  if (wanted <= 0) wanted = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(wanted, 1, kThreadsMax);
}

// Tells threads that wait for a pipe to give up.
class CancelSignal {
 public:
  CancelSignal() : fd_(::eventfd(0, EFD_CLOEXEC)) {}
  ~CancelSignal() {
    if (fd_ >= 0) ::close(fd_);
  }
  CancelSignal(const CancelSignal&) = delete;
  CancelSignal& operator=(const CancelSignal&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  void Raise() const {
    const uint64_t one = 1;
    // Can't fail: the counter is far from its limit.
    if (fd_ >= 0) (void)!::write(fd_, &one, sizeof(one));
  }

 private:
  int fd_;
};

class Replay {
 public:
  Replay(const config::Config& config, const ReplayOptions& options, const clock::Clock& clock,
         std::FILE* out, std::FILE* err);

  // The exit code.
  [[nodiscard]] int Run();

 private:
  struct File {
    std::unique_ptr<ParsedBlock> block;  // the one being folded
    size_t next = 0;                     // message of it
    uint64_t stored_bytes_read = 0;
    bool named = false;  // as something that is none of ours
    uint64_t records = 0;
    uint64_t accepted = 0;
    std::optional<shape::MessageShape>
        unused_shape;  // of the first message without a record of use
  };

  // false: a usage error has been reported.
  [[nodiscard]] bool OpenFiles();
  [[nodiscard]] std::unique_ptr<files::FileSource> OpenFile(const std::string& path);
  [[nodiscard]] bool OpenDeadLetters();

  void FoldAll(ReadAhead& ahead);
  // false: the file has no more messages.
  [[nodiscard]] bool NextMessage(size_t file, ReadAhead& ahead);
  void TakeBlock(size_t file, ReadAhead& ahead);
  void FoldMessage(size_t file);
  void Prefetch(const File& file);
  void SendRevisions();
  // Of each file that gave nothing: what it looks like, and what to do.
  void SayUnusedFiles();
  void Finish();

  [[nodiscard]] const char* NameOf(size_t file) const;
  void Say(std::string_view text);

  const clock::Clock& clock_;
  const clock::SteadyTime start_ = clock_.Steady();  // to say how long it took
  const config::Config& config_;
  const ReplayOptions& options_;
  std::FILE* const err_;
  const ReadAheadPlan plan_;
  const CancelSignal cancel_;
  std::vector<std::unique_ptr<files::FileSource>> sources_;
  DeadLetters dead_letters_;
  TicketOutput output_;
  ReplayFold fold_;
  std::vector<File> files_;
  std::unique_ptr<Progress> progress_;
  uint64_t stored_bytes_read_ = 0;
  bool failed_ = false;
};

Replay::Replay(const config::Config& config, const ReplayOptions& options,
               const clock::Clock& clock, std::FILE* out, std::FILE* err)
    : clock_(clock),
      config_(config),
      options_(options),
      err_(err),
      plan_(options.paths.size(), ThreadCount(options.parse_threads)),
      output_(options, out),
      fold_(config.detection, options.paths.size()),
      files_(options.paths.size()) {}

const char* Replay::NameOf(size_t file) const {
  const std::string& path = options_.paths[file];
  return path == "-" ? "standard input" : path.c_str();
}

void Replay::Say(std::string_view text) {
  if (progress_ != nullptr) progress_->Clear();
  std::fprintf(err_, "signinwatch: %.*s\n", static_cast<int>(text.size()), text.data());
}

std::unique_ptr<files::FileSource> Replay::OpenFile(const std::string& path) {
  auto stream = files::ByteStream::Open(
      path, {.gzip_input_bytes = plan_.gzip_input_bytes, .cancel_fd = cancel_.fd()});
  if (!stream.ok()) {
    Say((path == "-" ? "standard input" : path) + ": " + std::string(stream.status().message()));
    return nullptr;
  }
  if (plan_.pause_files) (*stream)->Pause();
  return std::make_unique<files::FileSource>(
      *std::move(stream),
      files::FileSourceOptions{.message_bytes_max = config_.parser.message_bytes_max,
                               .block_bytes = plan_.block_bytes,
                               .block_messages_max = plan_.block_messages_max});
}

bool Replay::OpenFiles() {
  if (std::count(options_.paths.begin(), options_.paths.end(), "-") > 1) {
    Say("standard input can be read only once");
    return false;
  }
  size_t errors = 0;
  for (const std::string& path : options_.paths) {
    sources_.push_back(OpenFile(path));
    if (sources_.back() == nullptr && ++errors == kOpenErrorsShown) {
      Say("further paths were not tried");
      break;
    }
  }
  return errors == 0;
}

bool Replay::OpenDeadLetters() {
  if (options_.dead_letters.empty()) return true;
  struct stat target {};
  if (::stat(options_.dead_letters.c_str(), &target) == 0 && S_ISREG(target.st_mode)) {
    for (const std::string& path : options_.paths) {
      struct stat input {};
      const int result = path == "-" ? ::fstat(STDIN_FILENO, &input) : ::stat(path.c_str(), &input);
      if (result == 0 && input.st_dev == target.st_dev && input.st_ino == target.st_ino) {
        Say(options_.dead_letters + ": is also read; the dead letters would overwrite it");
        return false;
      }
    }
  }
  const int error = dead_letters_.Open(options_.dead_letters);
  if (error != 0) {
    Say(options_.dead_letters + ": " + std::generic_category().message(error));
  }
  return error == 0;
}

int Replay::Run() {
  constexpr int kFine = 0, kFailed = 1, kUsage = 2;
  if (!OpenFiles() || !OpenDeadLetters()) return kUsage;
  std::optional<uint64_t> total = 0;
  for (const auto& source : sources_) {
    const std::optional<uint64_t> bytes = source->stored_bytes();
    total = total.has_value() && bytes.has_value() ? std::optional(*total + *bytes) : std::nullopt;
  }
  progress_ = std::make_unique<Progress>(err_, total, clock_);
  {
    ReadAhead ahead(
        std::move(sources_), plan_,
        {.parser = config_.parser, .now = options_.now, .keep_rejected = dead_letters_.is_open()});
    FoldAll(ahead);
    cancel_.Raise();
  }
  Finish();
  return failed_ ? kFailed : kFine;
}

void Replay::FoldAll(ReadAhead& ahead) {
  for (size_t file = 0; (file = fold_.NextFile()) != files_.size();) {
    if (NextMessage(file, ahead)) {
      FoldMessage(file);
    } else {
      fold_.EndFile(file);
    }
    SendRevisions();
    if (!output_.status().ok()) return;
  }
}

bool Replay::NextMessage(size_t file, ReadAhead& ahead) {
  File& f = files_[file];
  while (f.block == nullptr || f.next == f.block->size()) {
    const bool last = f.block != nullptr && f.block->last;
    if (f.block != nullptr) ahead.Recycle(std::move(f.block));
    if (last) return false;
    TakeBlock(file, ahead);
  }
  return true;
}

void Replay::TakeBlock(size_t file, ReadAhead& ahead) {
  if (options_.events) output_.Flush();
  File& f = files_[file];
  f.block = ahead.Next(file);
  f.next = 0;
  stored_bytes_read_ += f.block->stored_bytes_read - f.stored_bytes_read;
  f.stored_bytes_read = f.block->stored_bytes_read;
  progress_->Show(stored_bytes_read_, output_.tickets());
  if (f.block->foreign_format != files::ForeignFormat::kNone && !std::exchange(f.named, true)) {
    Say(std::string(NameOf(file)) + ": looks like " +
        files::ForeignFormatName(f.block->foreign_format) +
        ", of which nothing can be read: " + files::ForeignFormatAdvice(f.block->foreign_format));
  }
  if (!f.unused_shape) f.unused_shape = f.block->unused_shape();
  if (f.block->problem.empty()) return;
  failed_ = true;
  Say(std::string(NameOf(file)) + ": " + f.block->problem + "; what came before is used");
}

void Replay::FoldMessage(size_t file) {
  File& f = files_[file];
  Prefetch(f);
  const ParsedMessage& message = f.block->message(f.next);
  fold_.Apply(file, message);
  f.records += message.records;
  f.accepted += message.signals.size();
  if (dead_letters_.is_open()) {
    for (const Reject& reject : message.rejects) {
      dead_letters_.Write(reject, options_.paths[file], file, f.block->position(f.next),
                          f.block->TakeRejectedBytes(reject));
    }
  }
  ++f.next;
}

// Of messages of one record, those of the records ahead; within a longer one the fold looks ahead.
void Replay::Prefetch(const File& file) {
  const size_t i = file.next + Detector::kPrefetchDistance;
  if (i >= file.block->size()) return;
  const std::vector<Signal>& signals = file.block->message(i).signals;
  if (!signals.empty()) fold_.Prefetch(signals.front());
}

void Replay::SendRevisions() {
  for (Ticket& ticket : fold_.TakeRevisions()) output_.Add(std::move(ticket));
}

void Replay::SayUnusedFiles() {
  size_t said = 0;
  for (size_t file = 0; file < files_.size() && said < kOpenErrorsShown; ++file) {
    const File& f = files_[file];
    if (f.named || f.records == 0 || f.accepted > 0) continue;
    std::string text = std::string(NameOf(file)) + ": none of its records is of use (" +
                       std::to_string(f.records) + " were read)";
    if (f.unused_shape) {
      text += "; they look like " + f.unused_shape->name + ": " + f.unused_shape->advice;
    }
    Say(text);
    ++said;
  }
}

void Replay::Finish() {
  fold_.Finish();
  SendRevisions();
  progress_->Clear();
  output_.Finish();
  if (!output_.status().ok()) {
    failed_ = true;
    if (!output_.reader_gone()) {
      Say(std::string(output_.status().message()));
    }
  }
  if (const int error = dead_letters_.Close(); error != 0) {
    failed_ = true;
    Say(options_.dead_letters + ": " + std::generic_category().message(error));
  }
  SayUnusedFiles();
  const std::string warning = EvictionWarning(fold_.detection());
  if (!warning.empty()) Say("warning: " + warning);
  fold_.input().CheckBalance();

  const std::chrono::duration<double> seconds = clock_.Steady() - start_;
  const ReplaySummary summary{.input = fold_.input(),
                              .detection = fold_.detection(),
                              .bursts = output_.bursts(),
                              .tickets = output_.tickets(),
                              .files = files_.size(),
                              .bytes = stored_bytes_read_,
                              .seconds = seconds.count()};
  if (options_.format == ReplayOptions::Format::kText) {
    constexpr size_t kNearMissesShown = 20;
    const std::string near = NearMissTable(fold_.TakeNearMisses(), kNearMissesShown);
    std::fprintf(err_, "%s%s\n", near.c_str(), SummaryText(summary).c_str());
  }
  std::fprintf(err_, "%s\n", SummaryJson(summary).c_str());
  std::fflush(err_);
}

}  // namespace

int RunReplay(const config::Config& config, const ReplayOptions& options, std::FILE* out,
              std::FILE* err) {
  files::PrepareDescriptors();
  return Replay(config, options, clock::SystemClock(), out, err).Run();
}

}  // namespace signinwatch::replay
