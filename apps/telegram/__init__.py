"""The bot: messages become work orders, buttons become decisions."""
