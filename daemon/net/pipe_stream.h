// A stream over a unix socket. Loop thread only.
#pragma once

#include <memory>

#include <uv.h>

#include "base/descriptor.h"
#include "base/result.h"
#include "net/handle.h"
#include "net/loop.h"
#include "net/uv_stream.h"

namespace mailchute {

/// Has no peer name: who it is, the acceptor tells.
class PipeStream final : public UvStream {
 public:
  /// A connected unix stream socket, accepted or made.
  static Result<std::unique_ptr<PipeStream>> adopt(Loop& loop, Descriptor connection);

 private:
  PipeStream(Loop& loop, Handle<uv_pipe_t> handle);

  Handle<uv_pipe_t> handle_;
};

}  // namespace mailchute
