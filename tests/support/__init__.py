"""What the tests share: servers, the cast, rivals, clients."""
