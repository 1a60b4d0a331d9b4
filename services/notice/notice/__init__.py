"""What the shop says where no version answers: 410 for one that is gone, otherwise 400."""
