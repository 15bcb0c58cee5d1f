#include "daemon/sinks/file/file_sink.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace file_sink_test {

using Kind = SendResult::Kind;

TEST(FileSink, WritesABatchAsLines) {
  const TemporaryFolder folder;
  FileSink sink({.path = folder.Path("out")});
  const std::vector<store::Delivery> batch{MakeDelivery(1, "a"), MakeDelivery(2, "b")};
  const std::vector<SendResult> results = sink.Send(batch);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[1].kind, Kind::kDelivered);
  EXPECT_EQ(ReadWholeFile(folder.Path("out")), batch[0].json + "\n" + batch[1].json + "\n");
}

TEST(FileSink, IsDownWhileItCannotWrite) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.Path("sub"));
  FileSink sink({.path = folder.Path("sub/out")});
  ASSERT_TRUE(sink.Open().ok());
  std::filesystem::remove_all(folder.Path("sub"));
  const std::vector<store::Delivery> batch{MakeDelivery(1, "a"), MakeDelivery(2, "b")};
  for (const SendResult& result : sink.Send(batch)) {
    EXPECT_EQ(result.kind, Kind::kTemporary);
    EXPECT_TRUE(result.sink_down);
    EXPECT_FALSE(result.error.empty());
  }
  std::filesystem::create_directory(folder.Path("sub"));
  EXPECT_EQ(sink.Send(batch)[0].kind, Kind::kDelivered);
}

}  // namespace file_sink_test
}  // namespace signinwatch::sinks
