#include "daemon/demo/ticket_printer.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::demo {
namespace ticket_printer_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class TicketPrinterTest : public ::testing::Test {
 protected:
  TicketPrinterTest() : out_(open_memstream(&data_, &size_)), printer_(out_) {}
  ~TicketPrinterTest() override {
    std::fclose(out_);
    std::free(data_);
  }
  [[nodiscard]] std::string Text() const {
    std::fflush(out_);
    return {data_, size_};
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  std::FILE* out_;
  TicketPrinter printer_;
};

Ticket Revision(RevisionReason reason) {
  Ticket ticket = words::UserTicket(Cause::kPasswordChanged);
  ticket.reason = reason;
  return ticket;
}

TEST_F(TicketPrinterTest, PrintsWhatWasAddedOnceWithOneHeader) {
  printer_.Print();
  EXPECT_THAT(Text(), IsEmpty());
  printer_.Add(Revision(RevisionReason::kOpened));
  EXPECT_THAT(Text(), IsEmpty());  // not on the thread that adds
  printer_.Print();
  const std::string first = Text();
  EXPECT_THAT(first, AllOf(StartsWith("WHEN (UTC)"), HasSubstr("ada@contoso.example"),
                           HasSubstr("opened, 37 failures")));
  printer_.Print();
  EXPECT_EQ(Text(), first);
  printer_.Add(Revision(RevisionReason::kResolved));
  printer_.Print();
  EXPECT_THAT(Text().substr(first.size()),
              AllOf(HasSubstr("resolved, 37 fail"), Not(HasSubstr("WHEN"))));
}

TEST_F(TicketPrinterTest, CountsRevisions) {
  for (const RevisionReason reason : {RevisionReason::kOpened, RevisionReason::kCauseChanged,
                                      RevisionReason::kOpened, RevisionReason::kResolved}) {
    printer_.Add(Revision(reason));
  }
  EXPECT_EQ(printer_.counts().revisions, 4U);
  EXPECT_EQ(printer_.counts().opened, 2U);
  EXPECT_EQ(printer_.counts().resolved, 1U);
}

TEST_F(TicketPrinterTest, LeavesOutWhatItHasNoRoomFor) {
  for (size_t i = 0; i < TicketPrinter::kWaitingMax + 3; ++i) {
    printer_.Add(Revision(RevisionReason::kOpened));
  }
  EXPECT_EQ(printer_.counts().left_out, 3U);
  EXPECT_EQ(printer_.counts().opened, TicketPrinter::kWaitingMax + 3);
  printer_.Print();
  printer_.Add(Revision(RevisionReason::kOpened));
  EXPECT_EQ(printer_.counts().left_out, 3U);
}

}  // namespace ticket_printer_test
}  // namespace signinwatch::demo
