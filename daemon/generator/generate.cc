#include "daemon/generator/generate.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/clock/clock.h"
#include "daemon/generator/background.h"
#include "daemon/generator/exporter.h"
#include "daemon/generator/label.h"
#include "daemon/generator/output.h"
#include "daemon/generator/population.h"
#include "daemon/generator/record.h"
#include "daemon/generator/record_writer.h"
#include "daemon/generator/scenarios.h"
#include "daemon/generator/ticks.h"

namespace signinwatch::generator {
namespace {

// Of a background record of any kind, copies included, over all policy sets. Only for turning a
// size that was asked for into a number of records.
constexpr uint64_t kMeanRecordBytes = 8'500;

// Background records for each set of scenarios, so that about one record in nine is planted.
constexpr uint64_t kRecordsASet = 10'000;

constexpr size_t kLabelBufferBytes = size_t{64} << 10;

std::string OptionError(const GenerateOptions& options) {
  if (options.layout != "batches" && options.layout != "lines")
    return "--layout is batches or lines, not " + options.layout;
  if (options.tenants == 0 || options.tenants > kGenerateTenantsMax)
    return "--tenants is 1 to " + std::to_string(kGenerateTenantsMax);
  if (options.partitions == 0 || options.partitions > kGeneratePartitionsMax)
    return "--partitions is 1 to " + std::to_string(kGeneratePartitionsMax);
  if (options.users == 0) return "--users is at least 1";
  if (options.duration < std::chrono::minutes(1)) return "--duration is at least one minute";
  if (options.start < std::chrono::sys_days(std::chrono::year(2000) / 1 / 1))
    return "--start is 2000 or later";
  return {};
}

class Generation {
 public:
  Generation(const GenerateOptions& options, const clock::Clock& clock, MessageSink* sink,
             std::FILE* err);
  int Run();

 private:
  void WriteArrivals(int64_t minute);
  bool WriteLabels();
  void ShowProgress(int64_t minute, int64_t minutes);
  void PrintSummary();

  const GenerateOptions& options_;
  MessageSink* sink_;
  std::FILE* err_;
  bool terminal_;
  const clock::Clock& clock_;
  clock::SteadyTime began_ = clock_.Steady();  // to say how long it took
  Ticks start_, duration_;
  Population population_;
  Background background_;
  Plan plan_;
  Exporter exporter_;
  Random random_;
  RecordWriter writer_;
  Output output_;
  Record record_;
  std::string text_;
  uint64_t records_ = 0;
};

uint64_t BackgroundRecords(const GenerateOptions& options) {
  if (options.records != 0 || options.bytes == 0) return options.records;
  return std::max<uint64_t>(1, options.bytes / kMeanRecordBytes);
}

Layout LayoutOf(const GenerateOptions& options) {
  return options.layout == "lines" ? Layout::kLines : Layout::kBatches;
}

Generation::Generation(const GenerateOptions& options, const clock::Clock& clock, MessageSink* sink,
                       std::FILE* err)
    : options_(options),
      sink_(sink),
      err_(err),
      terminal_(::isatty(::fileno(err)) != 0),
      clock_(clock),
      start_(ToTicks(options.start)),
      duration_(ToTicks(options.duration) / kMinute * kMinute),
      population_(options.seed, options.tenants, options.users),
      background_(population_, options.seed, start_, duration_, BackgroundRecords(options)),
      exporter_(start_),
      random_(Mix(options.seed, 5)),
      writer_(options.seed, kPolicySets),
      output_(sink, options.partitions, LayoutOf(options), options.seed) {
  if (!options.scenarios) return;
  const auto days = static_cast<uint64_t>((duration_ + kWholeDay - 1) / kWholeDay);
  const uint64_t sets_a_day = background_.records() / days / kRecordsASet;
  plan_ = PlanScenarios(population_, options.seed, start_, duration_, sets_a_day);
}

void Generation::WriteArrivals(int64_t minute) {
  uint32_t tenant = 0;
  output_.set_export_time(ToEventTime(start_ + minute * kMinute));
  for (const Pending& pending : exporter_.Flush(minute)) {
    if (pending.tenant != tenant) output_.EndMessage();
    tenant = pending.tenant;
    if (pending.planted == kNotPlanted) {
      background_.Describe(pending, &record_);
    } else {
      DescribePlanted(population_, plan_.records[pending.planted], pending, &record_);
    }
    text_.clear();
    writer_.Write(record_, &text_);
    output_.Add(text_);
    ++records_;
  }
  output_.EndMessage();
}

bool Generation::WriteLabels() {
  if (options_.labels.empty()) return true;
  OutputFile file(options_.labels, kLabelBufferBytes);
  for (const Label& label : plan_.labels) file.Append(LabelToJson(label));
  file.Close();
  if (!file.error().empty()) std::fprintf(err_, "%s\n", file.error().c_str());
  return file.error().empty();
}

void Generation::ShowProgress(int64_t minute, int64_t minutes) {
  if (!terminal_ || minute % 10 != 0) return;
  std::fprintf(err_, "\r%3d %% of the time, %" PRIu64 " records, %" PRIu64 " MB",
               static_cast<int>(100 * minute / minutes), records_, sink_->bytes() / 1'000'000);
  std::fflush(err_);
}

void Generation::PrintSummary() {
  const std::chrono::duration<double> took = clock_.Steady() - began_;
  std::fprintf(err_,
               "%s{\"records\":%" PRIu64 ",\"copies\":%" PRIu64
               ",\"planted\":%zu,\"labels\":%zu,"
               "\"bytes\":%" PRIu64 ",\"seconds\":%.3f}\n",
               terminal_ ? "\r\033[K" : "", records_, exporter_.copies(), plan_.records.size(),
               plan_.labels.size(), sink_->bytes(), took.count());
}

int Generation::Run() {
  if (const std::string error = sink_->error(); !error.empty()) {
    std::fprintf(err_, "%s\n", error.c_str());
    return 2;
  }
  if (!WriteLabels()) return 2;
  const int64_t minutes = duration_ / kMinute;
  const int64_t drained = minutes + kArrivalDelayMax / kMinute + 1;
  size_t planted = 0;
  bool full = false;
  for (int64_t minute = 0; minute <= drained && !output_.full(); ++minute) {
    full = full || (options_.bytes != 0 && sink_->bytes() >= options_.bytes);
    if (!full) background_.Emit(minute, &exporter_);
    for (; planted < plan_.records.size(); ++planted) {
      const Planted& next = plan_.records[planted];
      if (next.due() >= start_ + (minute + 1) * kMinute) break;
      exporter_.Add(next.pending, IsSignIn(next.kind), random_);
    }
    WriteArrivals(minute);
    ShowProgress(minute, drained);
  }
  sink_->Close();
  if (const std::string error = sink_->error(); !error.empty()) {
    std::fprintf(err_, "%s%s\n", terminal_ ? "\n" : "", error.c_str());
    return 1;
  }
  PrintSummary();
  return 0;
}

}  // namespace

int RunGenerate(const GenerateOptions& options, MessageSink* sink, std::FILE* err) {
  if (const std::string error = OptionError(options); !error.empty()) {
    std::fprintf(err, "%s\n", error.c_str());
    return 2;
  }
  return Generation(options, clock::SystemClock(), sink, err).Run();
}

int RunGenerate(const GenerateOptions& options, std::FILE* err) {
  std::string error = OptionError(options);
  if (error.empty() && options.partitions > 1 && options.output == "-") {
    error = "several partitions need a directory as --output";
  }
  if (!error.empty()) {
    std::fprintf(err, "%s\n", error.c_str());
    return 2;
  }
  FileSink sink(options.output, options.partitions, LayoutOf(options));
  return RunGenerate(options, &sink, err);
}

}  // namespace signinwatch::generator
