#include "command/message_list.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "command/console.h"
#include "command/message_view.h"
#include "control/json.h"

namespace mailchute {

namespace {

class Printer {
 public:
  Printer(Output output, std::vector<UpstreamState> upstreams, WallTime now)
      : output_(output), upstreams_(std::move(upstreams)), now_(now), screen_(screen_width()) {}

  void begin() const {
    if (output_ == Output::Json) print(kMessageListBegin);
  }

  void add(const SeenMessage& message) {
    switch (output_) {
      case Output::Text: add_text(message); break;
      case Output::Json: print((printed_ == 0 ? "" : ",") + encode_message(message)); break;
      case Output::JsonLines: print(encode_message_line(message) + "\n"); break;
    }
    ++printed_;
  }

  void end() const {
    if (output_ != Output::Json) return;
    print(kMessageListEnd);
    print("\n");
  }

  std::size_t printed() const { return printed_; }

 private:
  void add_text(const SeenMessage& message) const {
    if (printed_ == 0) print(message_list_header(screen_));
    print(message_row(message, waiting(message, upstreams_, now_), now_, screen_));
  }

  Output output_;
  std::vector<UpstreamState> upstreams_;
  WallTime now_;
  std::size_t screen_;
  std::size_t printed_ = 0;
};

}  // namespace

Result<std::size_t> print_messages(QueueReader& reader, const Selection& selection, Output output,
                                   WallTime now, const std::function<bool(const SeenMessage&)>& wanted) {
  Printer printer(output, TRY(reader.upstreams()), now);
  printer.begin();
  TRY_VOID(reader.list(selection, SIZE_MAX, [&](const SeenMessage& message) {
    if (wanted(message)) printer.add(message);
  }));
  printer.end();
  return printer.printed();
}

}  // namespace mailchute
